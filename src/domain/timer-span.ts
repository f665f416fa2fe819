/** The longest time that a timer of Node.js keeps, in milliseconds: 24.8 days. */
export const longestTimerMs = 2 ** 31 - 1

/**
 * A time as a timer keeps it, in whole milliseconds. Times below 0 are over at once; so would be, for
 * Node.js, those that are longer than a timer can be: they end when the longest does.
 */
export function timerSpan(ms: number): number {
  return Math.min(Math.max(Math.ceil(ms), 0), longestTimerMs)
}
