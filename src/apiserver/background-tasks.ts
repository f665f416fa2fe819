/** A disk that was full has room again some time; each try costs next to nothing. */
const againMs = 1000

/**
 * What the server does by itself when something has changed. A task that could not write is done
 * again after a while: the change that asked for it does not come twice.
 */
export class BackgroundTasks implements Disposable {
  readonly #againMs: number
  readonly #waiting = new Map<string, NodeJS.Timeout>()
  #over = false

  constructor(delayMs: number = againMs) {
    this.#againMs = delayMs
  }

  /** @param key what the task is about: of those that have to wait, one for each is kept. */
  run(key: string, task: () => Promise<unknown>): void {
    task().catch(() => this.#later(key, task))
  }

  [Symbol.dispose](): void {
    this.#over = true
    for (const timer of this.#waiting.values()) clearTimeout(timer)
  }

  #later(key: string, task: () => Promise<unknown>): void {
    if (this.#over || this.#waiting.has(key)) return
    const timer = setTimeout(() => {
      this.#waiting.delete(key)
      this.run(key, task)
    }, this.#againMs)
    this.#waiting.set(key, timer.unref())
  }
}
