import {
  burstableReservation,
  rootReservation,
  type MemoryRequests,
} from '../../domain/cgroup/memory-qos.ts'
import type { QosClass } from '../../domain/resources/qos.ts'
import type { CgroupRead } from '../cgroups/cgroup-look.ts'
import type { NodePicture } from '../cluster/cluster-facts.ts'
import {
  checkSoftFiles,
  legalProtection,
  memoryQosOf,
  type LegalTexts,
  type MemoryQosSight,
  type SoftCheck,
} from './memory-qos-sight.ts'
import { sumsAtRest } from './pod-sums.ts'

/**
 * Holds the memory protection of a cgroup above the pods (memory.min and memory.low of cgroup
 * v2) against what the kubelet's MemoryQoS makes of all their requests. Nothing is judged
 * while pods of the node change, or where the kernel has no such files.
 *
 * @param kind the class whose pods are right below; Guaranteed is the cgroup of all pods.
 */
export function checkClassMemory(
  { soft }: CgroupRead,
  kind: QosClass,
  node: NodePicture,
  pageSize: number,
): readonly SoftCheck[] {
  const memory = sumsAtRest(node)?.memory
  if (soft === undefined || memory === undefined) return []
  return checkSoftFiles(soft, legalTexts(kind, memory, memoryQosOf(node, pageSize)), pageSize)
}

function legalTexts(kind: QosClass, memory: MemoryRequests, sight: MemoryQosSight): LegalTexts {
  const { guaranteed, burstable } = memory
  switch (kind) {
    case 'Guaranteed':
      return legalProtection(sight, guaranteed + burstable, (qos) => rootReservation(qos, memory))
    case 'Burstable':
      return legalProtection(sight, burstable, (qos) => burstableReservation(qos, memory))
    case 'BestEffort':
      return legalProtection(sight, 0, () => ({}))
    default:
      return kind satisfies never
  }
}
