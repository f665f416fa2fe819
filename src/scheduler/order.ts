import type { Pod } from '../domain/pod.ts'

/** Highest priority first, then the oldest, then by name so that the order is one. */
export function compareUnscheduled(a: Pod, b: Pod): number {
  const priority = (b.spec.priority ?? 0) - (a.spec.priority ?? 0)
  if (priority !== 0) return priority
  const age = (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? '')
  return age !== 0 ? age : a.metadata.name.localeCompare(b.metadata.name)
}
