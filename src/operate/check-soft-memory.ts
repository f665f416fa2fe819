import { containerUnified, podReservation, type SoftMemory } from '../domain/cgroup/memory-qos.ts'
import { roundDownToPage } from '../domain/cgroup/memory.ts'
import type { Container, Pod } from '../domain/pod.ts'
import { effectiveSize, podSize } from '../domain/pod-resources.ts'
import { atLeast } from '../domain/resize/kube-version.ts'
import { sizeOf } from '../domain/resources.ts'
import { bytes, type Bytes } from '../domain/units.ts'
import type { CgroupLook } from './cgroup-look.ts'
import type { NodePicture } from './cluster-facts.ts'
import { containersOf, isRunning } from './containers.ts'
import type { Finding, FindingCode } from './findings.ts'
import type { KubeletPolicies } from './kubelet-policies.ts'

type Files = Readonly<Record<string, string>>
type Seen = Extract<CgroupLook, { kind: 'seen' }>

/** Whether the kubelet sets these files, as far as its configuration can be seen. */
type MemoryQosSight =
  | { readonly kind: 'on'; readonly policies: KubeletPolicies; readonly node: NodePicture }
  | { readonly kind: 'off' }
  | { readonly kind: 'unknown' }

function memoryQosOf(node: NodePicture | undefined): MemoryQosSight {
  if (node === undefined || 'why' in node.kubelet) return { kind: 'unknown' }
  const { kubelet } = node
  return kubelet.featureGates?.['MemoryQoS'] === true
    ? { kind: 'on', policies: kubelet, node }
    : { kind: 'off' }
}

/**
 * Holds what protects and slows down memory (memory.min, memory.low, memory.high of cgroup
 * v2) against what the kubelet's MemoryQoS makes of the sizes. Where its configuration is not
 * known, only what no configuration makes is told: a protection of another size than the
 * request, and throttling below it.
 *
 * @param pod with the sizes that its cgroups should hold.
 * @see KEP-2570
 */
export function checkSoftMemory(
  pod: Pod,
  look: CgroupLook,
  node: NodePicture | undefined,
): readonly Finding[] {
  if (look.kind === 'unseen' || look.version === 'v1') return []
  const qos = memoryQosOf(node)
  const containers = containersOf(pod)
    .filter(({ status }) => isRunning(status))
    .flatMap(({ spec }) => {
      const sight = look.containers[spec.name]
      return sight?.kind === 'read' && sight.soft !== undefined
        ? containerFindings(pod, spec, sight.soft, qos, look)
        : []
    })
  const own = look.pod.kind === 'read' ? look.pod.soft : undefined
  return own === undefined ? containers : [...containers, ...podFindings(pod, own, qos, look)]
}

function containerFindings(
  pod: Pod,
  container: Container,
  soft: SoftMemory,
  qos: MemoryQosSight,
  { pageSize }: Seen,
): readonly Finding[] {
  const request = effectiveSize(pod.spec, container).memoryRequest ?? bytes(0)
  const expected = expectedFiles(qos, pageSize, request, (policies, allocatable) =>
    containerUnified(
      {
        qos: {
          reservation: 'TieredReservation',
          allocatable,
          throttlingFactor: policies.memoryThrottlingFactor ?? 0.9,
          pageSize: bytes(pageSize),
        },
      },
      pod.spec,
      container,
    ),
  )
  const where = { container: container.name }
  const high = soft.high ?? 'max'
  const throttled = high !== 'max' && high < request
  const throttling =
    qos.kind === 'on'
      ? differing('CG105', soft, { 'memory.high': expected['memory.high'] ?? ['max'] }, pageSize)
      : throttled
        ? [findingOf('CG105', 'memory.high', `${high}`, ['max'])]
        : qos.kind === 'off'
          ? differing('CG106', soft, { 'memory.high': ['max'] }, pageSize)
          : []
  const { 'memory.high': _high, ...protection } = expected
  return [...throttling, ...differing('CG106', soft, protection, pageSize)].map((finding) => ({
    ...finding,
    ...where,
  }))
}

function podFindings(
  pod: Pod,
  soft: SoftMemory,
  qos: MemoryQosSight,
  { pageSize }: Seen,
): readonly Finding[] {
  const request = podSize(pod.spec).memoryRequest ?? bytes(0)
  const expected = expectedFiles(qos, pageSize, request, () => ({
    'memory.min': '0',
    'memory.low': '0',
    ...podReservation({ reservation: 'TieredReservation' }, pod.spec),
  }))
  const { 'memory.high': _high, ...protection } = expected
  return differing('CG204', soft, protection, pageSize)
}

/** Every right text of each file. */
type Expected = Readonly<Record<string, readonly string[]>>

function expectedFiles(
  qos: MemoryQosSight,
  pageSize: number,
  request: Bytes,
  tiered: (policies: KubeletPolicies, allocatable: Bytes) => Files,
): Expected {
  const none = ['0']
  const asked = [...new Set(['0', `${roundDownToPage(request, bytes(pageSize))}`])]
  switch (qos.kind) {
    case 'off':
      return { 'memory.min': none, 'memory.low': none }
    case 'unknown':
      return { 'memory.min': asked, 'memory.low': asked }
    case 'on': {
      const { policies, node } = qos
      const allocatable = sizeOf({ requests: node.node.allocatable }).memoryRequest ?? bytes(0)
      const files = tiered(policies, allocatable)
      const high = { 'memory.high': [files['memory.high'] ?? 'max'] }
      if (policies.memoryReservationPolicy === 'TieredReservation') {
        return {
          'memory.min': [files['memory.min'] ?? '0'],
          'memory.low': [files['memory.low'] ?? '0'],
          ...high,
        }
      }
      const isNew = node.version !== undefined && atLeast(node.version, '1.36')
      const hard = isNew || policies.memoryReservationPolicy === 'None' ? none : asked.slice(-1)
      return { 'memory.min': hard, 'memory.low': none, ...high }
    }
    default:
      return qos satisfies never
  }
}

function differing(
  code: FindingCode,
  soft: SoftMemory,
  expected: Expected,
  pageSize: number,
): readonly Finding[] {
  return Object.entries(expected).flatMap(([file, right]) => {
    const name = file.slice('memory.'.length)
    const found = name === 'min' || name === 'low' || name === 'high' ? soft[name] : undefined
    const legal = right.map((text) => inPages(text, pageSize))
    return found === undefined || legal.includes(`${found}`)
      ? []
      : [findingOf(code, file, `${found}`, legal)]
  })
}

function inPages(text: string, pageSize: number): string {
  return text === 'max' ? text : `${roundDownToPage(bytes(Number(text)), bytes(pageSize))}`
}

function findingOf(
  code: FindingCode,
  file: string,
  found: string,
  expected: readonly string[],
): Finding {
  const message = `${file} says ${found}, it should say ${expected.join(' or ')}`
  return { code, message, file, found, expected }
}
