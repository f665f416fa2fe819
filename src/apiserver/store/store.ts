import { Collection } from './collection.ts'
import { CommitQueue, type Pending } from './commit-queue.ts'
import { Database } from './database.ts'
import { StagedObjects } from './staged-objects.ts'
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

/**
 * Kubernetes objects: all of them in memory for reading, every change on disk
 * before anybody hears of it. Reads and watchers see committed state only; writers see
 * staged state too, so that two changes of one object in one turn build on each other.
 */
export class Store implements Disposable {
  readonly #now: () => number
  readonly #collections = new Map<string, Collection>()
  readonly #staged = new StagedObjects()
  readonly #queue: CommitQueue
  readonly #start: number
  #handedOut: number
  #committed: number

  /** @throws DatabaseError when the file is in use or unreadable. */
  constructor(options: StoreOptions) {
    const database = Database.open(options.path)
    this.#now = options.now ?? Date.now
    const { rows, removed } = database.load()
    const loaded = rows.map(({ resource, key, json }) => ({
      resource,
      stored: readStored(key, json),
    }))
    const version = loaded.reduce((last, { stored }) => Math.max(last, stored.version), removed)
    this.#start = version
    this.#handedOut = version
    this.#committed = version
    for (const { resource, stored } of loaded) this.collection(resource).load(stored)
    this.#queue = new CommitQueue({
      database,
      onStep: options.onStep ?? (() => undefined),
      publish: (batch) => this.#publish(batch),
      unstage: () => this.#staged.clear(),
    })
  }

  /** The resourceVersion of the last committed write. */
  get version(): number {
    return this.#committed
  }

  /** Whether anything can be written: not after closing, nor after a sync of the disk failed. */
  get isOpen(): boolean {
    return this.#queue.isOpen
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
    return this.#staged.latest(resource, key, this.collection(resource))
  }

  /** As `latest`, all objects whose key begins with `prefix`, in no order. */
  listLatest(resource: string, prefix: string): readonly Stored[] {
    return this.#staged.list(resource, prefix, this.collection(resource))
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
      this.#queue.checkOpen()
      const staged = this.#staged.has(resource, key)
      const latest = this.latest(resource, key)
      let wanted: Change
      try {
        wanted = change(latest)
        if (wanted.kind !== 'keep') return this.#stage(resource, key, latest, wanted)
        if (!staged) return latest
      } catch (error) {
        if (!staged) throw error
      }
      await this.#queue.round
    }
  }

  [Symbol.dispose](): void {
    this.#queue.close()
  }

  #stage(
    resource: string,
    key: string,
    latest: Stored | undefined,
    change: Exclude<Change, { kind: 'keep' }>,
  ): Promise<Stored> {
    this.#handedOut += 1
    const stored = makeStored(key, change.object, this.#handedOut)
    this.#staged.set(resource, stored, change.kind === 'remove')
    const event: StoreEvent = {
      type: eventType(change.kind, latest),
      version: stored.version,
      at: this.#now(),
      current: stored,
      ...(latest === undefined ? {} : { previous: latest }),
    }
    const { promise, resolve, reject } = Promise.withResolvers<Stored>()
    this.#queue.add({ resource, stored, event, resolve, reject })
    return promise
  }

  #publish(batch: readonly Pending[]): void {
    for (const { resource, stored } of batch) this.#staged.drop(resource, stored)
    this.#committed = batch.at(-1)?.stored.version ?? this.#committed
    for (const { resource, event } of batch) this.collection(resource).apply(event)
    for (const { resource, event } of batch) this.collection(resource).announce(event)
  }
}

function eventType(kind: 'put' | 'remove', latest: Stored | undefined): StoreEvent['type'] {
  if (kind === 'remove') return 'DELETED'
  return latest === undefined ? 'ADDED' : 'MODIFIED'
}
