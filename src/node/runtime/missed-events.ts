import type { NodeContext } from '../node-context.ts'

export interface MissedEventsOptions {
  readonly context: Pick<NodeContext, 'observed'>
  /** Something of the pod is not as it was. */
  readonly wake: (uid: string) => void
  readonly onError: (message: string, error: unknown) => void
  /** @default 60_000 */
  readonly everyMs?: number
  /** The first wait after something could not be seen; it doubles. @default 1000 */
  readonly soonMs?: number
}

/**
 * Compares now and then what the runtime lists with what is known of it: the net below the
 * events. A pod whose picture is as it was is not woken.
 */
export class MissedEvents implements Disposable {
  readonly #options: MissedEventsOptions
  readonly #everyMs: number
  readonly #soonMs: number
  #timer: NodeJS.Timeout | undefined
  #due = Infinity
  /** Looks in a row that failed, or that did not show what an event told. */
  #unsettled = 0
  #over = false

  constructor(options: MissedEventsOptions) {
    this.#options = options
    this.#everyMs = options.everyMs ?? 60_000
    this.#soonMs = options.soonMs ?? 1000
    this.#schedule(this.#everyMs)
  }

  /** Something was told and could not be seen: look soon. */
  soon(): void {
    this.#schedule(this.#soonMs)
  }

  [Symbol.dispose](): void {
    this.#over = true
    clearTimeout(this.#timer)
  }

  /** What is due sooner already stays. */
  #schedule(afterMs: number): void {
    const due = performance.now() + afterMs
    if (this.#over || due >= this.#due) return
    clearTimeout(this.#timer)
    this.#due = due
    this.#timer = setTimeout(() => {
      this.#due = Infinity
      void this.#look()
    }, afterMs).unref()
  }

  async #look(): Promise<void> {
    const { context, wake, onError } = this.#options
    try {
      const { changed, settled } = await context.observed.catchUp()
      for (const uid of changed) wake(uid)
      this.#unsettled = settled ? 0 : this.#unsettled + 1
    } catch (error) {
      if (this.#over) return
      onError('Cannot look for what the runtime did not tell', error)
      this.#unsettled += 1
    }
    this.#schedule(this.#nextMs())
  }

  #nextMs(): number {
    if (this.#unsettled === 0) return this.#everyMs
    return Math.min(this.#soonMs * 2 ** this.#unsettled, this.#everyMs)
  }
}
