/** How long the kernel must not have been written to before the runtime gets all its calls. */
const quietMs = 25
const longestHoldMs = 500

const longestTurnMs = 10_000

/**
 * Bounds how many containers the runtime starts or changes at once; the others wait in order.
 * Who takes long gives the turn on: a runtime that hangs does nothing that has to be bounded,
 * and would keep all others waiting.
 *
 * While files are written for one pod after the other (kernel first) it gets no call but the
 * first: each one forks and takes the CPU from those whose request still waits. Where the writing
 * does not end, it has half of the time.
 */
export class RuntimeTurns {
  readonly #most: number
  readonly #now: () => number
  readonly #waiting: (() => void)[] = []
  #running = 0
  /** Whether a call was begun since the hold began. */
  #begun = false
  #heldSince: number | undefined
  #freeUntil = 0
  #release: NodeJS.Timeout | undefined

  constructor(most: number, now: () => number = () => performance.now()) {
    this.#most = most
    this.#now = now
  }

  /** Whether the next call has to wait. */
  get isFull(): boolean {
    if (this.#heldSince !== undefined) return this.#begun || this.#running > 0
    return this.#running >= this.#most
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.isFull) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#begin()
    let isOver = false
    const giveOn = (): void => {
      if (isOver) return
      isOver = true
      this.#running -= 1
      this.#fill()
    }
    const timer = setTimeout(giveOn, longestTurnMs)
    try {
      return await task()
    } finally {
      clearTimeout(timer)
      giveOn()
    }
  }

  /** A container's files were written, and more may follow. */
  hold(): void {
    const now = this.#now()
    if (now < this.#freeUntil) return
    if (this.#heldSince === undefined) this.#begun = false
    this.#heldSince ??= now
    clearTimeout(this.#release)
    const left = this.#heldSince + longestHoldMs - now
    const wait = Math.max(0, Math.min(quietMs, left))
    this.#release = setTimeout(() => this.#letGo(left < quietMs), wait).unref()
  }

  #letGo(writesGoOn: boolean): void {
    if (writesGoOn) this.#freeUntil = this.#now() + longestHoldMs
    this.#heldSince = undefined
    this.#fill()
  }

  #begin(): void {
    this.#running += 1
    this.#begun = true
  }

  #fill(): void {
    while (!this.isFull) {
      const next = this.#waiting.shift()
      if (next === undefined) return
      this.#begin()
      next()
    }
  }
}
