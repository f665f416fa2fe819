import { EventLog } from './event-log.ts'
import type { Stored, StoreEvent } from './stored.ts'

export type Listener = (event: StoreEvent) => void

/** All committed objects of one resource in key order, their recent history and who listens. */
export class Collection {
  readonly #objects = new Map<string, Stored>()
  readonly #listeners = new Set<Listener>()
  readonly #log: EventLog
  #keys: string[] = []
  #sorted = true

  constructor(floor: number) {
    this.#log = new EventLog(floor)
  }

  get size(): number {
    return this.#objects.size
  }

  get(key: string): Stored | undefined {
    return this.#objects.get(key)
  }

  /** Fills the collection from disk: no event, nobody is told. */
  load(stored: Stored): void {
    this.#objects.set(stored.key, stored)
    this.#keys.push(stored.key)
    this.#sorted = false
  }

  /** Takes over a committed change; `announce` tells of it. */
  apply(event: StoreEvent): void {
    const { key } = event.current
    if (event.type === 'DELETED') {
      this.#objects.delete(key)
      this.#removeKey(key)
    } else {
      if (!this.#objects.has(key)) this.#insertKey(key)
      this.#objects.set(key, event.current)
    }
    this.#log.add(event)
  }

  /** Tells the listeners of a change that was applied. They may write, so all changes of a commit are applied first. */
  announce(event: StoreEvent): void {
    for (const listener of this.#listeners) listener(event)
  }

  /** The objects whose key begins with `prefix`, in key order. */
  list(prefix: string): Stored[] {
    const keys = this.#orderedKeys()
    const from = prefix === '' ? 0 : lowerBound(keys, prefix)
    const found: Stored[] = []
    for (let i = from; i < keys.length; i++) {
      const key = keys[i] as string
      if (!key.startsWith(prefix)) break
      found.push(this.#objects.get(key) as Stored)
    }
    return found
  }

  /**
   * The objects as they were at `version`: today's with the later events undone.
   * `undefined` when the history does not reach back that far.
   */
  listAt(prefix: string, version: number): Stored[] | undefined {
    const later = this.#log.since(version)
    if (later === undefined) return undefined
    const touched = later.filter((event) => event.current.key.startsWith(prefix))
    if (touched.length === 0) return this.list(prefix)
    const then = new Map(this.list(prefix).map((stored) => [stored.key, stored]))
    for (const event of touched.toReversed()) {
      if (event.previous === undefined) then.delete(event.current.key)
      else then.set(event.current.key, event.previous)
    }
    return [...then.values()].sort((a, b) => compareKeys(a.key, b.key))
  }

  /** The events after `version`, or `undefined` when some of them are forgotten. */
  since(version: number): readonly StoreEvent[] | undefined {
    return this.#log.since(version)
  }

  /** Calls `listener` after each commit, in order, until the returned function is called. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #orderedKeys(): string[] {
    if (!this.#sorted) {
      this.#keys.sort(compareKeys)
      this.#sorted = true
    }
    return this.#keys
  }

  #insertKey(key: string): void {
    const keys = this.#orderedKeys()
    keys.splice(lowerBound(keys, key), 0, key)
  }

  #removeKey(key: string): void {
    const keys = this.#orderedKeys()
    const at = lowerBound(keys, key)
    if (keys[at] === key) keys.splice(at, 1)
  }
}

function compareKeys(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** The index of the first key that is not before `key`. */
function lowerBound(keys: readonly string[], key: string): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((keys[middle] as string) < key) low = middle + 1
    else high = middle
  }
  return low
}
