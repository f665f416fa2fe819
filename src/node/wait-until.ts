import { setTimeout as sleep } from 'node:timers/promises'

const lookEveryMs = 100

/** Resolves with true when the condition holds, with false when the time is up or `signal` aborts. */
export async function waitUntil(
  holds: () => boolean,
  withinMs: number,
  signal?: AbortSignal,
): Promise<boolean> {
  const deadline = performance.now() + withinMs
  while (!holds()) {
    const left = deadline - performance.now()
    if (left <= 0 || signal?.aborted === true) return false
    await sleep(Math.min(left, lookEveryMs))
  }
  return true
}
