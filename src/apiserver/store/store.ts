import { Collection } from './collection.ts'
import { Database, type Row } from './database.ts'
import { makeStored, readStored, type Stored, type StoreEvent } from './stored.ts'
import type { KubeObject } from '../kube-object.ts'

/** What a writer wants done with the object it was shown. */
export type Change =
  | { readonly kind: 'put'; readonly object: KubeObject }
  | { readonly kind: 'remove'; readonly object: KubeObject }
  | { readonly kind: 'keep' }

export interface StoreOptions {
  /** The SQLite file; its folder must exist. `:memory:` keeps nothing. */
  readonly path: string
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number
  /** Called right before and after each commit, for crash tests. */
  readonly onStep?: (step: string) => void
}

interface Pending {
  readonly resource: string
  readonly stored: Stored
  readonly event: StoreEvent
  readonly resolve: (stored: Stored) => void
  readonly reject: (error: unknown) => void
}

/**
 * Kubernetes objects: all of them in memory for reading, every change on disk
 * before anybody hears of it. Writes of one turn of the event loop share one
 * commit. Reads and watchers see committed state only; writers see staged state
 * too, so that two changes of one object in one turn build on each other.
 */
export class Store implements Disposable {
  readonly #database: Database
  readonly #now: () => number
  readonly #onStep: ((step: string) => void) | undefined
  readonly #collections = new Map<string, Collection>()
  /** The newest state of objects that are not committed yet; `stored` absent: to be removed. */
  readonly #staged = new Map<string, { readonly version: number; readonly stored?: Stored }>()
  readonly #start: number
  #pending: Pending[] = []
  #handedOut: number
  #committed: number
  /** The commit that is under way or comes next. */
  #round: Promise<void> | undefined
  /** Committed, but perhaps not on the disk yet. */
  #syncing: readonly Pending[] = []
  /** Why nothing more can be written. */
  #stopped: Error | undefined

  /** @throws DatabaseError when the file is in use or unreadable. */
  constructor(options: StoreOptions) {
    this.#database = Database.open(options.path)
    this.#now = options.now ?? Date.now
    this.#onStep = options.onStep
    const { rows, version } = this.#database.load()
    this.#start = version
    this.#handedOut = version
    this.#committed = version
    for (const row of rows) this.collection(row.resource).load(readStored(row.key, row.json))
  }

  /** The resourceVersion of the last committed write. */
  get version(): number {
    return this.#committed
  }

  /** The committed objects of a resource (`pods`, `leases.coordination.k8s.io`). */
  collection(resource: string): Collection {
    let found = this.#collections.get(resource)
    if (found === undefined) {
      found = new Collection(this.#start)
      this.#collections.set(resource, found)
    }
    return found
  }

  /**
   * The newest state of an object, perhaps not committed yet. Only for deciding on
   * another write of the same turn: clients are shown committed state.
   */
  latest(resource: string, key: string): Stored | undefined {
    const staged = this.#staged.get(stagedKey(resource, key))
    return staged === undefined ? this.collection(resource).get(key) : staged.stored
  }

  /** As `latest`, all objects whose key begins with `prefix`, in no order. */
  listLatest(resource: string, prefix: string): readonly Stored[] {
    const found = new Map(
      this.collection(resource)
        .list(prefix)
        .map((one) => [one.key, one]),
    )
    const wanted = stagedKey(resource, prefix)
    for (const [name, { stored }] of this.#staged) {
      if (!name.startsWith(wanted)) continue
      const key = name.slice(resource.length + 1)
      if (stored === undefined) found.delete(key)
      else found.set(key, stored)
    }
    return [...found.values()]
  }

  /**
   * Shows `change` the latest state of the object and does what it returns.
   * Resolves after the commit with the object as stored (for `remove`: as it was
   * removed); `keep` resolves with what is there.
   *
   * What `change` throws is thrown here, but never because of another write that
   * was not committed yet: then it is asked again after that commit.
   *
   * @throws DatabaseError when the commit failed; then nothing was changed.
   * @throws Error when the store is closed.
   */
  async write(
    resource: string,
    key: string,
    change: (latest: Stored | undefined) => Change,
  ): Promise<Stored | undefined> {
    for (;;) {
      if (this.#stopped !== undefined) throw this.#stopped
      const staged = this.#staged.has(stagedKey(resource, key))
      const latest = this.latest(resource, key)
      let wanted: Change
      try {
        wanted = change(latest)
        if (wanted.kind !== 'keep') return this.#stage(resource, key, latest, wanted)
        if (!staged) return latest
      } catch (error) {
        if (!staged) throw error
      }
      await this.#round
    }
  }

  [Symbol.dispose](): void {
    if (this.#stopped?.message === closed) return
    const alive = this.#stopped === undefined
    this.#stopped = new Error(closed)
    const [syncing, batch] = [this.#syncing, this.#take()]
    this.#syncing = []
    const committed = alive && batch.length > 0 && this.#commit(batch)
    this.#database[Symbol.dispose]()
    if (alive && syncing.length > 0) this.#publish(syncing)
    if (committed) this.#publish(batch)
  }

  #stage(
    resource: string,
    key: string,
    latest: Stored | undefined,
    change: Exclude<Change, { kind: 'keep' }>,
  ): Promise<Stored> {
    this.#handedOut += 1
    const stored = makeStored(key, change.object, this.#handedOut)
    this.#staged.set(stagedKey(resource, key), {
      version: stored.version,
      ...(change.kind === 'remove' ? {} : { stored }),
    })
    const event: StoreEvent = {
      type: eventType(change.kind, latest),
      version: stored.version,
      at: this.#now(),
      current: stored,
      ...(latest === undefined ? {} : { previous: latest }),
    }
    const { promise, resolve, reject } = Promise.withResolvers<Stored>()
    this.#pending.push({ resource, stored, event, resolve, reject })
    this.#round ??= this.#nextRound()
    return promise
  }

  /** Writes of this turn, and those that come while the disk is busy, share a commit. */
  async #nextRound(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    if (this.#stopped !== undefined) return
    const batch = this.#take()
    if (this.#commit(batch)) {
      this.#syncing = batch
      const failure = await this.#database.sync().then(
        () => undefined,
        (error: unknown) => error,
      )
      // Closing takes over what is on its way to the disk.
      if (this.#syncing !== batch) return
      this.#syncing = []
      if (failure === undefined) this.#publish(batch)
      else this.#stop(batch, failure)
    }
    this.#round = this.#pending.length > 0 ? this.#nextRound() : undefined
  }

  /**
   * After a failed sync nobody knows what the disk has, and trying again proves
   * nothing: the kernel may have dropped the pages. Only a new start tells.
   */
  #stop(batch: readonly Pending[], failure: unknown): void {
    this.#stopped = failure instanceof Error ? failure : new Error(String(failure))
    this.#refuse(batch, failure)
  }

  #take(): readonly Pending[] {
    const batch = this.#pending
    this.#pending = []
    return batch
  }

  /** Whether it was committed; else its writers know why not. */
  #commit(batch: readonly Pending[]): boolean {
    this.#onStep?.('api.commit.before')
    try {
      this.#database.commit(rowsOf(batch), this.#handedOut)
      return true
    } catch (error) {
      this.#refuse(batch, error)
      return false
    }
  }

  /** Everybody hears of it only now. */
  #publish(batch: readonly Pending[]): void {
    this.#onStep?.('api.commit.after')
    this.#unstage(batch)
    this.#committed = batch.at(-1)?.stored.version ?? this.#committed
    for (const { resource, event } of batch) this.collection(resource).apply(event)
    for (const { resource, event } of batch) this.collection(resource).announce(event)
    for (const { stored, resolve } of batch) resolve(stored)
  }

  /** What was staged on top of a write that failed fails with it. */
  #refuse(batch: readonly Pending[], error: unknown): void {
    for (const { reject } of [...batch, ...this.#take()]) reject(error)
    this.#staged.clear()
  }

  #unstage(batch: readonly Pending[]): void {
    for (const { resource, stored } of batch) {
      const key = stagedKey(resource, stored.key)
      if (this.#staged.get(key)?.version === stored.version) this.#staged.delete(key)
    }
  }
}

const closed = 'Cannot write: the store is closed'

function stagedKey(resource: string, key: string): string {
  return `${resource} ${key}`
}

function eventType(kind: 'put' | 'remove', latest: Stored | undefined): StoreEvent['type'] {
  if (kind === 'remove') return 'DELETED'
  return latest === undefined ? 'ADDED' : 'MODIFIED'
}

/** The last state of each object in the batch: the earlier ones need not reach the disk. */
function rowsOf(batch: readonly Pending[]): Iterable<Row> {
  const rows = new Map<string, Row>()
  for (const { resource, stored, event } of batch) {
    const base = { resource, key: stored.key }
    const row = event.type === 'DELETED' ? base : { ...base, json: stored.json }
    rows.set(stagedKey(resource, stored.key), row)
  }
  return rows.values()
}
