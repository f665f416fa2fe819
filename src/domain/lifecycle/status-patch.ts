import type { PodCondition, PodStatus } from '../pod.ts'

/**
 * The strategic merge patch that turns `before` into `after`; undefined if they
 * say the same. Conditions merge by type, so those that are gone are deleted by
 * name, and those that somebody else wrote meanwhile stay.
 */
export function statusPatch(
  before: PodStatus | undefined,
  after: PodStatus,
): Readonly<Record<string, unknown>> | undefined {
  const patch: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(after)) {
    const old = before?.[key as keyof PodStatus]
    if (key !== 'conditions' && JSON.stringify(old) !== JSON.stringify(value)) patch[key] = value
  }
  const conditions = conditionChanges(before?.conditions ?? [], after.conditions ?? [])
  if (conditions.length > 0) patch['conditions'] = conditions
  return Object.keys(patch).length === 0 ? undefined : patch
}

function conditionChanges(
  before: readonly PodCondition[],
  after: readonly PodCondition[],
): object[] {
  const changed = after.flatMap((condition) => {
    const old = before.find(({ type }) => type === condition.type)
    if (JSON.stringify(old) === JSON.stringify(condition)) return []
    // A field that is gone has to be named, since a patch only adds.
    const gone = Object.keys(old ?? {}).filter((key) => !(key in condition))
    return [{ ...Object.fromEntries(gone.map((key) => [key, null])), ...condition }]
  })
  const removed = before
    .filter(({ type }) => after.every((condition) => condition.type !== type))
    .map(({ type }) => ({ $patch: 'delete', type }))
  return [...changed, ...removed]
}
