/**
 * The largest number that is an int64 both by value and as JSON prints it. What Go knows as the
 * largest int64 reads as 2^63, which Go cannot read again.
 */
const largest = 2 ** 63 - 1024

/** A whole number as an int64; undefined if it is none. Beyond 2^53 it is the nearest there is. */
export function asInt64(value: number): number | undefined {
  if (!Number.isInteger(value) || Math.abs(value) > 2 ** 63) return undefined
  return Math.min(Math.max(value, -largest), largest)
}
