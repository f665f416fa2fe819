import type { Collection } from './collection.ts'
import type { Stored } from './stored.ts'

/** The newest state of objects that are not committed yet. */
export class StagedObjects {
  /** `stored` absent: to be removed. */
  readonly #states = new Map<string, { readonly version: number; readonly stored?: Stored }>()

  has(resource: string, key: string): boolean {
    return this.#states.has(nameOf(resource, key))
  }

  /** @param removed the object as it was removed. */
  set(resource: string, stored: Stored, removed: boolean): void {
    const { key, version } = stored
    this.#states.set(nameOf(resource, key), { version, ...(removed ? {} : { stored }) })
  }

  /** What is staged, or else committed. */
  latest(resource: string, key: string, committed: Collection): Stored | undefined {
    const staged = this.#states.get(nameOf(resource, key))
    return staged === undefined ? committed.get(key) : staged.stored
  }

  /** The same for all objects whose key begins with `prefix`, in no order. */
  list(resource: string, prefix: string, committed: Collection): readonly Stored[] {
    const found = new Map(committed.list(prefix).map((one) => [one.key, one]))
    const wanted = nameOf(resource, prefix)
    for (const [name, { stored }] of this.#states) {
      if (!name.startsWith(wanted)) continue
      const key = name.slice(resource.length + 1)
      if (stored === undefined) found.delete(key)
      else found.set(key, stored)
    }
    return [...found.values()]
  }

  /** To be called when `stored` is committed; what was staged on top of it stays. */
  drop(resource: string, { key, version }: Stored): void {
    const name = nameOf(resource, key)
    if (this.#states.get(name)?.version === version) this.#states.delete(name)
  }

  clear(): void {
    this.#states.clear()
  }
}

function nameOf(resource: string, key: string): string {
  return `${resource} ${key}`
}
