import { setTimeout as timer } from 'node:timers/promises'

/** Waits `ms` milliseconds, or until `signal` aborts; never throws. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await timer(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined)
}

/** `ms` and up to half of it more, at random, so that many clients do not come back together. */
export function jittered(ms: number): number {
  return ms * (1 + Math.random() / 2)
}
