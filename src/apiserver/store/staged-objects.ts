import type { Collection } from './collection.ts'
import type { Stored } from './stored.ts'

/** `stored` absent: to be removed. */
interface State {
  readonly version: number
  readonly stored?: Stored
}

/** The newest state of objects that are not committed yet. */
export class StagedObjects {
  /** By their resource, then by their key. */
  readonly #resources = new Map<string, Map<string, State>>()

  has(resource: string, key: string): boolean {
    return this.#states(resource).has(key)
  }

  /** @param removed the object as it was removed. */
  set(resource: string, stored: Stored, removed: boolean): void {
    const { key, version } = stored
    this.#states(resource).set(key, removed ? { version } : { version, stored })
  }

  /** What is staged, or else committed. */
  latest(resource: string, key: string, committed: Collection): Stored | undefined {
    const staged = this.#states(resource).get(key)
    return staged === undefined ? committed.get(key) : staged.stored
  }

  /** The same for all objects whose key begins with `prefix`, in no order. */
  list(resource: string, prefix: string, committed: Collection): readonly Stored[] {
    const found = new Map(committed.list(prefix).map((one) => [one.key, one]))
    for (const [key, { stored }] of this.#states(resource)) {
      if (!key.startsWith(prefix)) continue
      if (stored === undefined) found.delete(key)
      else found.set(key, stored)
    }
    return [...found.values()]
  }

  /** To be called when `stored` is committed; what was staged on top of it stays. */
  drop(resource: string, { key, version }: Stored): void {
    const states = this.#states(resource)
    if (states.get(key)?.version === version) states.delete(key)
  }

  clear(): void {
    this.#resources.clear()
  }

  #states(resource: string): Map<string, State> {
    let found = this.#resources.get(resource)
    if (found === undefined) {
      found = new Map()
      this.#resources.set(resource, found)
    }
    return found
  }
}
