/** A disk that was full has room again some time; each try costs next to nothing. */
const againMs = 1000

/** Told of what fails, and why. */
export type TellFailure = (message: string, error: unknown) => void

/**
 * What the server does by itself when something has changed. A task that could not write is done
 * again after a while: the change that asked for it does not come twice. What keeps tasks from
 * succeeding is told once, until all have succeeded.
 */
export class BackgroundTasks implements Disposable {
  readonly #onError: TellFailure
  readonly #againMs: number
  readonly #waiting = new Map<string, NodeJS.Timeout>()
  /** The keys of tasks whose last try failed. */
  readonly #failing = new Set<string>()
  /** Why, as it was told. */
  readonly #told = new Set<string>()
  #over = false

  constructor(onError: TellFailure, delayMs: number = againMs) {
    this.#onError = onError
    this.#againMs = delayMs
  }

  /** @param key what the task is about: of those that have to wait, one for each is kept. */
  run(key: string, task: () => Promise<unknown>): void {
    task().then(
      () => this.#succeeded(key),
      (error: unknown) => this.#failed(key, task, error),
    )
  }

  [Symbol.dispose](): void {
    this.#over = true
    for (const timer of this.#waiting.values()) clearTimeout(timer)
  }

  #succeeded(key: string): void {
    this.#failing.delete(key)
    if (this.#failing.size === 0) this.#told.clear()
  }

  #failed(key: string, task: () => Promise<unknown>, error: unknown): void {
    if (this.#over) return
    this.#failing.add(key)
    const cause = error instanceof Error ? error.message : String(error)
    if (!this.#told.has(cause)) {
      this.#told.add(cause)
      this.#onError(`Cannot keep ${key} up to date; it is tried again and again`, error)
    }
    this.#later(key, task)
  }

  #later(key: string, task: () => Promise<unknown>): void {
    if (this.#waiting.has(key)) return
    const timer = setTimeout(() => {
      this.#waiting.delete(key)
      this.run(key, task)
    }, this.#againMs)
    this.#waiting.set(key, timer.unref())
  }
}
