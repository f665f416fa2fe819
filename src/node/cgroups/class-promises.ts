import type { MemoryRequests } from '../../domain/cgroup/memory-qos.ts'
import type { PodSpec } from '../../domain/pod.ts'
import type { MilliCpu } from '../../domain/units.ts'
import { burstableWeight } from './burstable-weight.ts'
import { memoryReservations } from './memory-reservations.ts'
import type { PodCgroups } from './pod-cgroups.ts'
import type { PromisedSum } from './promised-sum.ts'

/** Gives the QoS classes' cgroups what their pods were promised together. */
export class ClassPromises {
  readonly #weight: PromisedSum<MilliCpu>
  readonly #memory: PromisedSum<MemoryRequests>

  /** @param onProtected is told what memory is protected in tiers, with MemoryQoS from 1.36 on. */
  constructor(cgroups: PodCgroups, onProtected: (sums: MemoryRequests) => void) {
    this.#weight = burstableWeight((total) => cgroups.classes.weighBurstable(total))
    this.#memory = memoryReservations((sums) => {
      cgroups.classes.protect(sums)
      const tiered = cgroups.memoryPolicy()?.qos?.reservation === 'TieredReservation'
      if (tiered) onProtected(sums)
    })
  }

  /** The CPU of Burstable pods that was written last. */
  get burstable(): MilliCpu | undefined {
    return this.#weight.written
  }

  /** The memory that was. */
  get memory(): MemoryRequests | undefined {
    return this.#memory.written
  }

  /**
   * The pod's allocated spec; undefined for a pod that has gone or ended.
   *
   * @throws CgroupError; the next change tries again
   */
  set(uid: string, spec: PodSpec | undefined): void {
    this.#weight.set(uid, spec)
    this.#memory.set(uid, spec)
  }

  /** Every pod of the node has been told of: nothing is written before. Throws as `set`. */
  open(): void {
    this.#weight.open()
    this.#memory.open()
  }
}
