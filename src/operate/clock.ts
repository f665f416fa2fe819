/** Time as a parameter, so that tests do not wait. */
export interface Clock {
  /** Milliseconds that never go back. */
  now(): number
  /** Resolves after `ms`, or at once when `signal` aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
}
