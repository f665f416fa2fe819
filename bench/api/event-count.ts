const newline = 0x0a
const brace = 0x7d

/** When the first and the last of some events arrived, by performance.now(). */
export interface Arrival {
  readonly first: number
  readonly last: number
}

/** Counts the events that all watchers together receive, without reading them. */
export class EventCount {
  #left = 0
  #first: number | undefined
  #done: (arrival: Arrival) => void = () => undefined

  /** Resolves when `count` more events have come. */
  next(count: number): Promise<Arrival> {
    const { promise, resolve } = Promise.withResolvers<Arrival>()
    this.#left = count
    this.#first = undefined
    this.#done = resolve
    return promise
  }

  /** Takes the bytes of one watcher. */
  reader(): (chunk: Buffer) => void {
    let before = 0
    return (chunk) => {
      // Events end in `}` and a newline; lines of HTTP's own do not.
      let count = chunk[0] === newline && before === brace ? 1 : 0
      for (let at = chunk.indexOf(newline, 1); at !== -1; at = chunk.indexOf(newline, at + 1)) {
        if (chunk[at - 1] === brace) count += 1
      }
      before = chunk.at(-1) ?? before
      if (count > 0) this.#count(count)
    }
  }

  #count(count: number): void {
    const now = performance.now()
    this.#first ??= now
    this.#left -= count
    if (this.#left === 0) this.#done({ first: this.#first, last: now })
  }
}
