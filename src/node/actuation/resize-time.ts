/** How long a resize takes, as the kubelet measures it: without the stops of containers that restart. */
export class ResizeTime {
  readonly #now: () => number
  readonly #begun: number
  #stopsMs = 0

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
    this.#begun = now()
  }

  /** Leaves out the time that `stop` takes. */
  async without(stop: () => Promise<void>): Promise<void> {
    const begun = this.#now()
    try {
      await stop()
    } finally {
      this.#stopsMs += this.#now() - begun
    }
  }

  /** Milliseconds up to now. */
  get ms(): number {
    return this.#now() - this.#begun - this.#stopsMs
  }
}
