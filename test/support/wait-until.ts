import { setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'

/** How much slower than an ordinary machine this one is: 1, or 10 in the guest of scripts/uml. */
export const slowness = Number(process.env['PODFIT_TEST_SLOW'] ?? 1)

/**
 * A deadline for this machine, in milliseconds, from one for an ordinary machine that has
 * nothing else to do: any other may be a few times slower, and busy.
 */
export function slow(milliseconds: number): number {
  return milliseconds * Math.max(3, slowness)
}

export interface WaitOptions {
  /**
   * Milliseconds on an ordinary machine; a slow one gets more.
   * @default 10_000
   */
  readonly withinMs?: number
  /** @default 20 */
  readonly everyMs?: number
  readonly signal?: AbortSignal
}

/**
 * Looks again and again until what it sees holds, and returns that.
 *
 * An error of `look` counts as not yet; the last one is told if time runs out.
 *
 * @param what what is waited for, as in "Waited 10000 ms for {what}"
 * @throws Error when the time is up, with the last value seen
 */
export async function waitUntil<T>(
  what: string,
  look: () => T | Promise<T>,
  holds: (value: T) => boolean = Boolean,
  options: WaitOptions = {},
): Promise<T> {
  const within = slow(options.withinMs ?? 10_000)
  const deadline = performance.now() + within
  let last = ''
  for (;;) {
    options.signal?.throwIfAborted()
    try {
      const value = await look()
      if (holds(value)) return value
      last = `last seen: ${typeof value === 'string' ? value : inspect(value, { depth: 6 })}`
    } catch (error) {
      last = `last error: ${error instanceof Error ? error.message : String(error)}`
    }
    if (performance.now() > deadline) throw new Error(`Waited ${within} ms for ${what}; ${last}`)
    await sleep(options.everyMs ?? 20, undefined, {
      ...(options.signal && { signal: options.signal }),
    })
  }
}
