import { StatusError } from './status-error.ts'

/**
 * The end of a request's time. A write that has not begun by then is not done any more, since its
 * client is told so; one that has begun is waited for.
 */
export class Deadline {
  #over = false
  #writing = false

  /**
   * To be called in the turn in which a write is handed to the store.
   *
   * @throws StatusError 504 when the client has its answer: it came too late.
   */
  beginWrite(): void {
    if (this.#over) throw timedOut()
    this.#writing = true
  }

  /**
   * The answer, where it comes within `limitMs`, or `mostMs` when something is being written.
   *
   * @throws StatusError 504 where it does not.
   */
  async meet(answer: Promise<Response>, limitMs: number, mostMs: number): Promise<Response> {
    const { promise, resolve, reject } = Promise.withResolvers<Response>()
    const giveUp = (what = '') => {
      this.#over = true
      reject(timedOut(what))
    }
    let timer = setTimeout(() => {
      if (!this.#writing) return giveUp()
      const said = '; its write is under way and may still be done'
      timer = setTimeout(() => giveUp(said), mostMs - limitMs)
    }, limitMs)
    answer.then(resolve, reject)
    try {
      return await promise
    } finally {
      clearTimeout(timer)
    }
  }
}

function timedOut(what = ''): StatusError {
  const why = `Timeout: request did not complete within the allotted timeout${what}`
  return new StatusError(504, 'Timeout', why, {})
}
