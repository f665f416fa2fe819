import { jittered, pause } from './pause.ts'

export interface BackOffRange {
  /** The first wait, in milliseconds. */
  readonly firstMs: number
  /** Waits double up to this. */
  readonly maxMs: number
}

/** Waits that double with each failure in a row. */
export interface BackOff {
  /** Waits before the next try, or until `signal` aborts. */
  wait(signal?: AbortSignal): Promise<void>
  /** A try has worked. */
  reset(): void
}

export function createBackOff({ firstMs, maxMs }: BackOffRange): BackOff {
  let next = firstMs
  return {
    async wait(signal) {
      const ms = jittered(next)
      next = Math.min(next * 2, maxMs)
      await pause(ms, signal)
    },
    reset() {
      next = firstMs
    },
  }
}
