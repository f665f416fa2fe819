/**
 * Looks at something in regular intervals, one look at a time. Disposing breaks off the look
 * that is under way, and waits for it.
 */
export class RegularLook implements AsyncDisposable {
  readonly #timer: NodeJS.Timeout
  readonly #stopping = new AbortController()
  #looking: Promise<void> | undefined

  /** @param look tells of its errors itself. */
  constructor(everyMs: number, look: (signal: AbortSignal) => Promise<void>) {
    this.#timer = setInterval(() => {
      this.#looking ??= look(this.#stopping.signal).finally(() => (this.#looking = undefined))
    }, everyMs).unref()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    this.#stopping.abort()
    await this.#looking
  }
}
