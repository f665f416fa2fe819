import type { Database, Row } from './database.ts'
import type { Stored, StoreEvent } from './stored.ts'

/** A change on its way to the disk, and who waits for it. */
export interface Pending {
  readonly resource: string
  readonly stored: Stored
  readonly event: StoreEvent
  readonly resolve: (stored: Stored) => void
  readonly reject: (error: unknown) => void
}

export interface CommitQueueOptions {
  readonly database: Database
  /** Called right before each commit and right after it is on the disk, for crash tests. */
  readonly onStep: (step: string) => void
  /** Takes over what is on the disk; everybody hears of it only now. */
  readonly publish: (batch: readonly Pending[]) => void
  /** Takes back everything that is staged: the commit that it is built on failed. */
  readonly unstage: () => void
}

const closed = 'Cannot write: the store is closed'

/**
 * Brings changes to the disk, in order. Those of one turn of the event loop, and
 * those that come while the disk is busy, share a commit.
 */
export class CommitQueue {
  readonly #options: CommitQueueOptions
  #pending: Pending[] = []
  /** The commit that is under way or comes next. */
  #round: Promise<void> | undefined
  /** Committed, but perhaps not on the disk yet. */
  #syncing: readonly Pending[] = []
  /** Why nothing more can be written. */
  #stopped: Error | undefined

  constructor(options: CommitQueueOptions) {
    this.#options = options
  }

  /** Resolves when what is queued now is on the disk, or has failed. */
  get round(): Promise<void> | undefined {
    return this.#round
  }

  get isOpen(): boolean {
    return this.#stopped === undefined
  }

  /** @throws Error when nothing can be written any more. */
  checkOpen(): void {
    if (this.#stopped !== undefined) throw this.#stopped
  }

  add(pending: Pending): void {
    this.#pending.push(pending)
    this.#round ??= this.#nextRound()
  }

  /** Brings what is queued to the disk, tells of it, and refuses everything after; once. */
  close(): void {
    if (this.#stopped?.message === closed) return
    const alive = this.#stopped === undefined
    this.#stopped = new Error(closed)
    const [syncing, batch] = [this.#syncing, this.#take()]
    this.#syncing = []
    const committed = alive && batch.length > 0 && this.#commit(batch)
    this.#options.database[Symbol.dispose]()
    if (alive && syncing.length > 0) this.#publish(syncing)
    if (committed) this.#publish(batch)
  }

  async #nextRound(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    if (this.#stopped !== undefined) return
    const batch = this.#take()
    if (this.#commit(batch)) {
      this.#syncing = batch
      const failure = await this.#options.database.sync(batch.length === 1).then(
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
    const { database, onStep } = this.#options
    onStep('api.commit.before')
    try {
      database.commit(rowsOf(batch))
      return true
    } catch (error) {
      this.#refuse(batch, error)
      return false
    }
  }

  #publish(batch: readonly Pending[]): void {
    this.#options.onStep('api.commit.after')
    this.#options.publish(batch)
    for (const { stored, resolve } of batch) resolve(stored)
  }

  /** What was staged on top of a write that failed fails with it. */
  #refuse(batch: readonly Pending[], error: unknown): void {
    for (const { reject } of [...batch, ...this.#take()]) reject(error)
    this.#options.unstage()
  }
}

/** The last state of each object in the batch, in order: the earlier ones need not reach the disk. */
function rowsOf(batch: readonly Pending[]): readonly Row[] {
  const rows = new Map<string, Row>()
  for (const { resource, stored, event } of batch) {
    const { key, version, json } = stored
    const id = `${resource} ${key}`
    const row = { resource, key, version }
    // What is written anew goes to the end.
    rows.delete(id)
    rows.set(id, event.type === 'DELETED' ? row : { ...row, json })
  }
  return [...rows.values()]
}
