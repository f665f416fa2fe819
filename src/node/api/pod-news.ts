import type { Pod } from '../../domain/pod.ts'

/**
 * Whether what the API now says of a pod is news for whoever runs it. Its status comes back
 * from the API after each report: that is none.
 */
export function isNews(before: Pod | undefined, pod: Pod): boolean {
  if (before === undefined || before.metadata.generation !== pod.metadata.generation) return true
  if (before.metadata.deletionTimestamp !== pod.metadata.deletionTimestamp) return true
  if (pod.metadata.generation === undefined && !sameSpec(before, pod)) return true
  return relabelled(before, pod) || gatesMoved(before, pod)
}

/** Before generations were counted, nothing else tells of every resize. */
function sameSpec(before: Pod, pod: Pod): boolean {
  return JSON.stringify(before.spec) === JSON.stringify(pod.spec)
}

/** What files of a downward API volume may show, and the generation does not count. */
function relabelled(before: Pod, { metadata }: Pod): boolean {
  const old = before.metadata
  return (
    JSON.stringify([old.labels, old.annotations]) !==
    JSON.stringify([metadata.labels, metadata.annotations])
  )
}

/** Conditions that others set and that the pod waits for. */
function gatesMoved(before: Pod, pod: Pod): boolean {
  const gates = pod.spec.readinessGates ?? []
  const statuses = (of: Pod): string =>
    gates
      .map(({ conditionType }) => of.status?.conditions?.find(({ type }) => type === conditionType))
      .map((condition) => condition?.status)
      .join()
  return gates.length > 0 && statuses(before) !== statuses(pod)
}
