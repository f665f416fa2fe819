import {
  memoryRequestOf,
  memoryTogether,
  type MemoryRequests,
} from '../../domain/cgroup/memory-qos.ts'
import { PromisedSum } from './promised-sum.ts'

/**
 * What memory the pods of this node were promised together, by QoS class: what the
 * cgroups above them protect with MemoryQoS.
 */
export function memoryReservations(
  write: (sums: MemoryRequests) => void,
): PromisedSum<MemoryRequests> {
  return new PromisedSum({ of: memoryRequestOf, sum: memoryTogether, write })
}
