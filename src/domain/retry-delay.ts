import type { ErrorOutlook } from './resize/actuation/runtime-error.ts'

const pace: Readonly<Record<ErrorOutlook, readonly [firstMs: number, longestMs: number]>> = {
  transient: [100, 15_000],
  conditional: [100, 15_000],
  unknown: [1000, 15_000],
  permanent: [15_000, 120_000],
}

/**
 * Milliseconds until something that failed is tried again: soon where it goes away by
 * itself, seldom where it does not. Each wait is twice the one before, and up to half as
 * long again by chance, so that pods that failed together do not come back together (the
 * kubelet's `wait.Jitter(backOffPeriod, 0.5)`).
 *
 * @param failures how often it failed before this time.
 * @param random from 0 to 1.
 */
export function retryDelayMs(
  outlook: ErrorOutlook,
  failures: number,
  random: () => number = Math.random,
): number {
  const [first, longest] = pace[outlook]
  return Math.min(first * 2 ** Math.min(failures, 16), longest) * (1 + random() / 2)
}
