/** Milliseconds until a call that was not answered is given up. */
export interface Deadlines {
  /** For a question: the runtime looks something up. */
  readonly question: number
  /** For a change of something that runs. */
  readonly change: number
  /** For what starts or ends processes, also when hundreds do at once. */
  readonly lifecycle: number
  /** For what takes as long as it takes: a pull, a command without a limit. */
  readonly patience: number
}

/** As a kubelet waits for a runtime. */
export const usualRequestTimeoutMs = 120_000

/**
 * The deadlines of a runtime whose calls may take `requestTimeoutMs` each. Questions and changes
 * are given up sooner by themselves; a pull and a command have nothing to do with it.
 *
 * @see kubelet's `--runtime-request-timeout`
 */
export function deadlinesOf(requestTimeoutMs = usualRequestTimeoutMs): Deadlines {
  return {
    question: Math.min(10_000, requestTimeoutMs),
    change: Math.min(30_000, requestTimeoutMs),
    lifecycle: requestTimeoutMs,
    patience: 600_000,
  }
}
