import type { MemoryQos, SoftMemory, UnifiedFiles } from '../../domain/cgroup/memory-qos.ts'
import { roundDownToPage } from '../../domain/cgroup/memory.ts'
import { atLeast } from '../../domain/kube-version.ts'
import { sizeOf } from '../../domain/resources/size.ts'
import { bytes } from '../../domain/units.ts'
import type { NodePicture } from '../cluster/cluster-facts.ts'
import type { Finding } from '../findings/finding.ts'
import type { FindingCode } from '../findings/finding-table.ts'

/** Whether the kubelet sets the memory files of cgroup v2, as far as its configuration can be seen. */
export type MemoryQosSight =
  | { readonly kind: 'on'; readonly qos: MemoryQos }
  | { readonly kind: 'off' }
  | { readonly kind: 'unknown' }

/** How the node of the picture sets them. */
export function memoryQosOf(node: NodePicture | undefined, pageSize: number): MemoryQosSight {
  if (node === undefined || 'why' in node.kubelet) return { kind: 'unknown' }
  const { featureGates = {}, memoryReservationPolicy, memoryThrottlingFactor = 0.9 } = node.kubelet
  if (featureGates['MemoryQoS'] !== true) return { kind: 'off' }
  const isNew = node.version !== undefined && atLeast(node.version, '1.36')
  const reservation =
    memoryReservationPolicy === 'TieredReservation'
      ? 'TieredReservation'
      : isNew || memoryReservationPolicy === 'None'
        ? 'None'
        : 'Hard'
  const allocatable = sizeOf({ requests: node.node.allocatable }).memoryRequest ?? bytes(0)
  const throttlingFactor = memoryThrottlingFactor
  return {
    kind: 'on',
    qos: { reservation, allocatable, throttlingFactor, pageSize: bytes(pageSize) },
  }
}

/** Every right text of each file. */
export type LegalTexts = Readonly<Record<string, readonly string[]>>

/**
 * What protects the memory of a cgroup: by the node's policy, nothing where there is none, and
 * where it cannot be seen what any policy makes of `requested`.
 */
export function legalProtection(
  sight: MemoryQosSight,
  requested: number,
  files: (qos: MemoryQos) => UnifiedFiles,
): LegalTexts {
  switch (sight.kind) {
    case 'off':
      return { 'memory.min': ['0'], 'memory.low': ['0'] }
    case 'unknown':
      return { 'memory.min': ['0', `${requested}`], 'memory.low': ['0', `${requested}`] }
    case 'on': {
      const { 'memory.min': min = '0', 'memory.low': low = '0' } = files(sight.qos)
      return { 'memory.min': [min], 'memory.low': [low] }
    }
    default:
      return sight satisfies never
  }
}

/** One memory file held against its right texts. */
export interface SoftCheck {
  readonly file: string
  readonly found: string
  readonly expected: readonly string[]
  readonly ok: boolean
}

/** Holds the files that the kernel has against `legal`; the kernel rounds down to pages. */
export function checkSoftFiles(
  soft: SoftMemory,
  legal: LegalTexts,
  pageSize: number,
): readonly SoftCheck[] {
  return Object.entries(legal).flatMap(([file, texts]) => {
    const name = file.slice('memory.'.length)
    const found = name === 'min' || name === 'low' || name === 'high' ? soft[name] : undefined
    if (found === undefined) return []
    const expected = [...new Set(texts.map((text) => inPages(text, pageSize)))]
    return [{ file, found: `${found}`, expected, ok: expected.includes(`${found}`) }]
  })
}

function inPages(text: string, pageSize: number): string {
  return text === 'max' ? text : `${roundDownToPage(bytes(Number(text)), bytes(pageSize))}`
}

/** The finding about a file that says something else. */
export function softFinding(
  code: FindingCode,
  { file, found, expected }: Omit<SoftCheck, 'ok'>,
): Finding {
  const message = `${file} says ${found}, it should say ${expected.join(' or ')}`
  return { code, message, file, found, expected }
}
