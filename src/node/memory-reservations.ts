import { memoryRequestOf, type MemoryRequests } from '../domain/cgroup/memory-qos.ts'
import type { PodSpec } from '../domain/pod.ts'
import { bytes } from '../domain/units.ts'

/**
 * What memory the pods of this node were promised together, by QoS class: what the
 * cgroups above them protect with MemoryQoS. It follows every allocation at once.
 */
export class MemoryReservations {
  readonly #pods = new Map<string, { readonly spec: PodSpec; readonly requests: MemoryRequests }>()
  readonly #write: (sums: MemoryRequests) => void
  #written = ''

  /** `write` is called with the new sums when they changed. */
  constructor(write: (sums: MemoryRequests) => void) {
    this.#write = write
  }

  /** The pod's allocated spec; undefined for a pod that has gone or ended. */
  set(uid: string, spec: PodSpec | undefined): void {
    if (spec === undefined) this.#pods.delete(uid)
    else if (this.#pods.get(uid)?.spec !== spec) {
      this.#pods.set(uid, { spec, requests: memoryRequestOf(spec) })
    }
    const sums = { guaranteed: bytes(0), burstable: bytes(0) }
    for (const { requests } of this.#pods.values()) {
      sums.guaranteed = bytes(sums.guaranteed + requests.guaranteed)
      sums.burstable = bytes(sums.burstable + requests.burstable)
    }
    const text = JSON.stringify(sums)
    if (text === this.#written) return
    this.#write(sums)
    this.#written = text
  }
}
