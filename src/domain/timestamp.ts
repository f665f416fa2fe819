/** What RFC 3339 can write, from Go's zero time on. */
const [earliest, latest] = [Date.parse('0001-01-01T00:00:00Z'), Date.parse('9999-12-31T23:59:59Z')]

/**
 * An instant as Kubernetes' metav1.Time prints it: RFC 3339 in UTC, whole seconds, rounded down.
 * What is too far away to be written is the first or last instant that can be.
 *
 * @param at a date, or milliseconds since 1970
 * @throws RangeError of an invalid date
 */
export function timestamp(at: Date | number): string {
  const ms = Math.min(Math.max(Number(at), earliest), latest)
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}
