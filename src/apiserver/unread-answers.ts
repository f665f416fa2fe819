import type { ServerResponse } from 'node:http'

export interface UnreadLimits {
  /** What may wait for all clients together. */
  readonly bytes: number
  /** How long a client may take to read the end of its answer. */
  readonly ms: number
}

/** A fraction of what a Node.js process may have; and as long as a request may take. */
const usual: UnreadLimits = { bytes: 256 * 1024 * 1024, ms: 60_000 }

/** What a connection may keep of an answer besides: most are smaller, and are read at once. */
const small = 64 * 1024

/**
 * Answers that are complete and that their clients have not read: each keeps its memory for as long
 * as that. Clients that take too long are cut off, and where too much waits, those first that have
 * kept it for longest.
 */
export class UnreadAnswers {
  readonly #limits: UnreadLimits
  /** Their sizes in bytes, the oldest first. */
  readonly #waiting = new Map<ServerResponse, number>()
  #bytes = 0

  constructor(limits: UnreadLimits = usual) {
    this.#limits = limits
  }

  /** Follows an answer that is about to be written. */
  follow(answer: ServerResponse): void {
    answer.on('prefinish', () => {
      const size = answer.socket?.writableLength ?? 0
      if (size > small) this.#keep(answer, size)
    })
  }

  #keep(answer: ServerResponse, size: number): void {
    const timer = setTimeout(() => answer.socket?.destroy(), this.#limits.ms).unref()
    this.#waiting.set(answer, size)
    this.#bytes += size
    answer.once('close', () => {
      clearTimeout(timer)
      this.#drop(answer)
    })
    this.#cutOff(answer)
  }

  #drop(answer: ServerResponse): void {
    this.#bytes -= this.#waiting.get(answer) ?? 0
    this.#waiting.delete(answer)
  }

  /** A single answer may be as large as it must be. */
  #cutOff(newest: ServerResponse): void {
    for (const answer of this.#waiting.keys()) {
      if (this.#bytes <= this.#limits.bytes || answer === newest) return
      this.#drop(answer)
      answer.socket?.destroy()
    }
  }
}
