import { StatusError } from '../status-error.ts'

/** As kube-apiserver's --max-requests-inflight and --max-mutating-requests-inflight. */
const mostReading = 400
export const mostMutating = 200

const retryAfterSeconds = 1

/**
 * Counts the requests under way, so that a flood of them is turned away instead of
 * making everybody wait. Watches and other requests that last do not count.
 */
export class InFlight {
  #reading = 0
  #mutating = 0

  get reading(): number {
    return this.#reading
  }

  get mutating(): number {
    return this.#mutating
  }

  /**
   * Begins a request; the returned function is to be called at its end.
   *
   * @throws StatusError 429 when too many of its sort are under way.
   */
  enter(mutating: boolean): () => void {
    const full = mutating ? this.#mutating >= mostMutating : this.#reading >= mostReading
    if (full) {
      throw new StatusError(429, 'TooManyRequests', 'Too many requests, please try again later.', {
        retryAfterSeconds,
      })
    }
    this.#count(mutating, 1)
    return () => this.#count(mutating, -1)
  }

  #count(mutating: boolean, by: number): void {
    if (mutating) this.#mutating += by
    else this.#reading += by
  }
}
