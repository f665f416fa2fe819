import { isDeepStrictEqual } from 'node:util'
import type { PodSpec } from '../../domain/pod.ts'

export interface PromisedSumOptions<T> {
  /** What one pod adds, by its allocated spec. */
  readonly of: (spec: PodSpec) => T
  readonly sum: (all: Iterable<T>) => T
  /** Called with the new sum when it changed; what it throws has it called again with the next change. */
  readonly write: (total: T) => void
}

/**
 * Something that the pods of this node were promised together, for the cgroups above them. It
 * follows every allocation at once, where a kubelet looks once a minute, and at what was only
 * asked for.
 */
export class PromisedSum<T> {
  readonly #options: PromisedSumOptions<T>
  readonly #pods = new Map<string, { readonly spec: PodSpec; readonly adds: T }>()
  #open = false
  /** Whether what was written last is not the sum. */
  #behind = true
  #written: T | undefined

  /** Nothing is written before `open`. */
  constructor(options: PromisedSumOptions<T>) {
    this.#options = options
  }

  /** The sum that was written last. */
  get written(): T | undefined {
    return this.#written
  }

  /** The pod's allocated spec; undefined for a pod that has gone or ended. */
  set(uid: string, spec: PodSpec | undefined): void {
    const known = this.#pods.get(uid)
    if (spec === undefined) this.#behind = this.#pods.delete(uid) || this.#behind
    else if (known?.spec !== spec) {
      const adds = this.#options.of(spec)
      this.#pods.set(uid, { spec, adds })
      // A new status makes a new copy of the spec: most of them change nothing.
      this.#behind ||= !isDeepStrictEqual(adds, known?.adds)
    }
    if (this.#behind) this.#follow()
  }

  /** Every pod of the node has been told of: until then a sum would be less than what there is. */
  open(): void {
    this.#open = true
    this.#follow()
  }

  #follow(): void {
    if (!this.#open) return
    const { sum, write } = this.#options
    const total = sum([...this.#pods.values()].map(({ adds }) => adds))
    if (!isDeepStrictEqual(total, this.#written)) write(total)
    this.#written = total
    this.#behind = false
  }
}
