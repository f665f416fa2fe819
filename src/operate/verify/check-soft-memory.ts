import {
  containerUnified,
  podReservation,
  type SoftMemory,
} from '../../domain/cgroup/memory-qos.ts'
import type { Container, Pod } from '../../domain/pod.ts'
import { effectiveSize, podSize } from '../../domain/resources/pod-resources.ts'
import type { CgroupLook } from '../cgroups/cgroup-look.ts'
import type { NodePicture } from '../cluster/cluster-facts.ts'
import { containersOf, isRunning } from '../containers.ts'
import type { Finding } from '../findings/finding.ts'
import type { FindingCode } from '../findings/finding-table.ts'
import {
  checkSoftFiles,
  legalProtection,
  memoryQosOf,
  softFinding,
  type LegalTexts,
  type MemoryQosSight,
} from './memory-qos-sight.ts'

type Seen = Extract<CgroupLook, { kind: 'seen' }>

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
  const qos = memoryQosOf(node, look.pageSize)
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
  sight: MemoryQosSight,
  { pageSize }: Seen,
): readonly Finding[] {
  const request = effectiveSize(pod.spec, container).memoryRequest ?? 0
  const protection = legalProtection(sight, request, (qos) =>
    containerUnified({ qos }, pod.spec, container),
  )
  return [
    ...throttlingFindings(pod, container, soft, sight, pageSize),
    ...differing('CG106', soft, protection, pageSize),
  ].map((finding) => ({ ...finding, container: container.name }))
}

function throttlingFindings(
  pod: Pod,
  container: Container,
  soft: SoftMemory,
  sight: MemoryQosSight,
  pageSize: number,
): readonly Finding[] {
  const { high = 'max' } = soft
  const legal = (text: string): LegalTexts => ({ 'memory.high': [text] })
  if (sight.kind === 'on') {
    const files = containerUnified({ qos: sight.qos }, pod.spec, container)
    return differing('CG105', soft, legal(files['memory.high'] ?? 'max'), pageSize)
  }
  const request = effectiveSize(pod.spec, container).memoryRequest ?? 0
  if (high !== 'max' && high < request) {
    const [file, found, expected] = ['memory.high', `${high}`, ['max']] as const
    return [softFinding('CG105', { file, found, expected })]
  }
  return sight.kind === 'off' ? differing('CG106', soft, legal('max'), pageSize) : []
}

function podFindings(
  pod: Pod,
  soft: SoftMemory,
  sight: MemoryQosSight,
  { pageSize }: Seen,
): readonly Finding[] {
  const request = podSize(pod.spec).memoryRequest ?? 0
  const legal = legalProtection(sight, request, (qos) => podReservation(qos, pod.spec))
  return differing('CG204', soft, legal, pageSize)
}

function differing(
  code: FindingCode,
  soft: SoftMemory,
  legal: LegalTexts,
  pageSize: number,
): readonly Finding[] {
  return checkSoftFiles(soft, legal, pageSize)
    .filter(({ ok }) => !ok)
    .map((check) => softFinding(code, check))
}
