import { memoryRequestOf, type MemoryRequests } from '../domain/cgroup/memory-qos.ts'
import { bytes } from '../domain/units.ts'
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

function memoryTogether(all: Iterable<MemoryRequests>): MemoryRequests {
  const sums = { guaranteed: 0, burstable: 0 }
  for (const { guaranteed, burstable } of all) {
    sums.guaranteed += guaranteed
    sums.burstable += burstable
  }
  return { guaranteed: bytes(sums.guaranteed), burstable: bytes(sums.burstable) }
}
