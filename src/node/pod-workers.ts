import type { ErrorOutlook } from '../domain/resize/actuation/runtime-error.ts'
import { retryDelayMs } from '../domain/retry-delay.ts'
import { withoutFigures } from '../domain/without-figures.ts'
import { timerSpan } from '../domain/timer-span.ts'
import { SyncFailure } from './sync-failure.ts'

/** What one run for a pod asks for next: nothing, or another run after a time. */
export interface NextRun {
  readonly afterMs?: number
}

export interface PodWorkersOptions {
  /** Brings one pod one step nearer to what it should be. Runs one at a time for each pod. */
  readonly sync: (uid: string) => Promise<NextRun>
  /** Milliseconds until something of the pod is due that a failed run must not put off. */
  readonly dueMs: (uid: string) => number | undefined
  /** Told once of what fails again and again for the same reason, until a run succeeds. */
  readonly onError: (uid: string, error: unknown) => void
}

interface Worker {
  running: boolean
  /** Something changed while it ran: run again at once. */
  again: boolean
  /** In a row, of the same outlook. */
  failures: number
  outlook?: ErrorOutlook
  /** Why the last run failed. */
  told?: string | undefined
  timer?: NodeJS.Timeout
}

/**
 * Runs `sync` for each pod that something happened to: level-triggered, one run
 * at a time for each pod, all pods side by side. Whoever must not take too much
 * at once (the container runtime) is guarded where it is called.
 */
export class PodWorkers implements Disposable {
  readonly #options: PodWorkersOptions
  readonly #workers = new Map<string, Worker>()
  #closed = false

  constructor(options: PodWorkersOptions) {
    this.#options = options
  }

  /** The pod changed: run as soon as its current run, if any, is over. */
  wake(uid: string): void {
    if (this.#closed) return
    const worker = this.#workers.get(uid) ?? { running: false, again: false, failures: 0 }
    this.#workers.set(uid, worker)
    clearTimeout(worker.timer)
    if (worker.running) {
      worker.again = true
      return
    }
    // What happens in this turn is looked at in one run.
    worker.running = true
    queueMicrotask(() => void this.#run(uid, worker))
  }

  /** Whether a run for the pod is under way. */
  isRunning(uid: string): boolean {
    return this.#workers.get(uid)?.running === true
  }

  /** Forgets the pod and its timer; a run in progress ends by itself. */
  forget(uid: string): void {
    clearTimeout(this.#workers.get(uid)?.timer)
    this.#workers.delete(uid)
  }

  [Symbol.dispose](): void {
    this.#closed = true
    for (const uid of this.#workers.keys()) this.forget(uid)
  }

  async #run(uid: string, worker: Worker): Promise<void> {
    let afterMs: number | undefined
    do {
      worker.again = false
      afterMs = await this.#runOnce(uid, worker)
    } while (worker.again && !this.#closed)
    worker.running = false
    if (afterMs === undefined || this.#closed || this.#workers.get(uid) !== worker) return
    worker.timer = setTimeout(() => this.wake(uid), timerSpan(afterMs))
  }

  async #runOnce(uid: string, worker: Worker): Promise<number | undefined> {
    try {
      const { afterMs } = await this.#options.sync(uid)
      worker.failures = 0
      worker.told = undefined
      return afterMs
    } catch (error) {
      this.#tell(uid, worker, error)
      const outlook = error instanceof SyncFailure ? error.outlook : 'unknown'
      // What fails otherwise than before is tried as soon as what fails for the first time.
      if (outlook !== worker.outlook) worker.failures = 0
      worker.outlook = outlook
      const wait = retryDelayMs(outlook, worker.failures)
      worker.failures += 1
      const due = this.#options.dueMs(uid) ?? wait
      // What is due now was in the run that failed.
      return due > 0 ? Math.min(wait, due) : wait
    }
  }

  #tell(uid: string, worker: Worker, error: unknown): void {
    const why = withoutFigures(error instanceof Error ? error.message : String(error))
    if (why === worker.told) return
    worker.told = why
    this.#options.onError(uid, error)
  }
}
