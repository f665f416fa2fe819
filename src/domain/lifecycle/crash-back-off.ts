import type { Instant } from './observed.ts'

/** How long a container that keeps exiting waits for its next start (kubelet: 10 s doubling to 5 min). */
export interface CrashBackOff {
  readonly delayMs: number
  /** When the delay was last lengthened. */
  readonly since: Instant
}

const firstDelayMs = 10_000
const longestDelayMs = 300_000

/**
 * When a container that finished at `finishedAt` may start again. The first
 * restart is immediate; a later one waits `delayMs` after the exit.
 */
export function mayStartAt(backOff: CrashBackOff | undefined, finishedAt: Instant): Instant {
  return backOff === undefined ? finishedAt : finishedAt + backOff.delayMs
}

/**
 * The delay for the restart after this one. A container that went on for twice
 * the longest delay since the last lengthening starts over at 10 s.
 */
export function nextBackOff(
  backOff: CrashBackOff | undefined,
  finishedAt: Instant,
  now: Instant,
): CrashBackOff {
  if (backOff === undefined || finishedAt - backOff.since > 2 * longestDelayMs) {
    return { delayMs: firstDelayMs, since: now }
  }
  return { delayMs: Math.min(backOff.delayMs * 2, longestDelayMs), since: now }
}
