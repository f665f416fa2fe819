/**
 * An instant as Kubernetes' metav1.Time prints it: RFC 3339 in UTC, whole seconds, rounded down.
 *
 * @param at a date, or milliseconds since 1970
 * @throws RangeError of an instant that no date can have
 */
export function timestamp(at: Date | number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`
}
