import type { MemoryRequests } from '../../domain/cgroup/memory-qos.ts'
import type { PodSpec } from '../../domain/pod.ts'
import type { MilliCpu } from '../../domain/units.ts'
import { burstableWeight } from './burstable-weight.ts'
import { memoryReservations } from './memory-reservations.ts'
import type { NodeCgroups } from './node-cgroups.ts'
import type { PromisedSum } from './promised-sum.ts'

export interface ClassPromisesOptions {
  readonly cgroups: NodeCgroups
  /** The pod's allocated spec; undefined for a pod that has gone or ended. */
  readonly specOf: (uid: string) => PodSpec | undefined
  /** Told what memory is protected in tiers, with MemoryQoS from 1.36 on. */
  readonly onProtected: (sums: MemoryRequests) => void
}

/** Gives the QoS classes' cgroups what their pods were promised together. */
export class ClassPromises {
  readonly #specOf: ClassPromisesOptions['specOf']
  readonly #weight: PromisedSum<MilliCpu>
  readonly #memory: PromisedSum<MemoryRequests>

  constructor({ cgroups, specOf, onProtected }: ClassPromisesOptions) {
    this.#specOf = specOf
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
   * Something of the pod may have changed: what it adds to its class follows its allocation.
   *
   * @throws CgroupError; the next change tries again
   */
  follow(uid: string): void {
    const spec = this.#specOf(uid)
    this.#weight.set(uid, spec)
    this.#memory.set(uid, spec)
  }

  /** Every pod of the node has been told of: nothing is written before. Throws as `follow`. */
  open(): void {
    this.#weight.open()
    this.#memory.open()
  }
}
