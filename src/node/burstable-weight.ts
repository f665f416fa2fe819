import { qosClassOf } from '../domain/qos.ts'
import type { PodSpec } from '../domain/pod.ts'
import { podSize } from '../domain/pod-resources.ts'
import { milliCpu, type MilliCpu } from '../domain/units.ts'

/**
 * What the Burstable pods of this node were promised together. It follows every
 * allocation at once, where a kubelet looks once a minute, and at what was only
 * asked for.
 */
export class BurstableWeight {
  readonly #requests = new Map<string, { readonly spec: PodSpec; readonly cpu: number }>()
  readonly #write: (total: MilliCpu) => void
  #written: number | undefined

  /** `write` is called with the new sum when it changed. */
  constructor(write: (total: MilliCpu) => void) {
    this.#write = write
  }

  /** The sum that was written last. */
  get written(): MilliCpu | undefined {
    return this.#written === undefined ? undefined : milliCpu(this.#written)
  }

  /** The pod's allocated spec; undefined for a pod that has gone or ended. */
  set(uid: string, spec: PodSpec | undefined): void {
    if (spec === undefined) this.#requests.delete(uid)
    else if (this.#requests.get(uid)?.spec !== spec) {
      const cpu = qosClassOf(spec) === 'Burstable' ? (podSize(spec).cpuRequest ?? 0) : 0
      this.#requests.set(uid, { spec, cpu })
    }
    let total = 0
    for (const { cpu } of this.#requests.values()) total += cpu
    if (total === this.#written) return
    this.#write(milliCpu(total))
    this.#written = total
  }
}
