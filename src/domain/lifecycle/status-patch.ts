import type { PodCondition, PodStatus } from '../pod.ts'

/**
 * The strategic merge patch that turns `before` into `after`; undefined if they
 * say the same. Conditions merge by type, so those that are gone are deleted by
 * name, and those that somebody else wrote meanwhile stay. So do addresses by
 * themselves, and the keys of a map.
 */
export function statusPatch(
  before: PodStatus | undefined,
  after: PodStatus,
): Readonly<Record<string, unknown>> | undefined {
  const patch: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(after)) {
    const old = before?.[key as keyof PodStatus]
    if (key === 'conditions' || JSON.stringify(old) === JSON.stringify(value)) continue
    patch[key] =
      key === 'podIPs' || key === 'hostIPs' ? addressChanges(old, value) : replaced(old, value)
  }
  const conditions = conditionChanges(before?.conditions ?? [], after.conditions ?? [])
  if (conditions.length > 0) patch['conditions'] = conditions
  return Object.keys(patch).length === 0 ? undefined : patch
}

type Addresses = NonNullable<PodStatus['podIPs']>

function addressChanges(before: unknown, after: unknown): object[] {
  const [old, now] = [before ?? [], after] as readonly Addresses[]
  const removed = (old ?? []).filter(({ ip }) => now?.every((one) => one.ip !== ip))
  return [...(now ?? []), ...removed.map(({ ip }) => ({ $patch: 'delete', ip }))]
}

/** A key that is gone has to be named, since a patch only adds. */
function replaced(before: unknown, after: unknown): unknown {
  if (!isMap(before) || !isMap(after)) return after
  const gone = Object.keys(before).filter((key) => !(key in after))
  return {
    ...Object.fromEntries(gone.map((key) => [key, null])),
    ...Object.fromEntries(
      Object.entries(after).map(([key, value]) => [key, replaced(before[key], value)]),
    ),
  }
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function conditionChanges(
  before: readonly PodCondition[],
  after: readonly PodCondition[],
): object[] {
  const changed = after.flatMap((condition) => {
    const old = before.find(({ type }) => type === condition.type)
    if (JSON.stringify(old) === JSON.stringify(condition)) return []
    return [replaced(old, condition) as object]
  })
  const removed = before
    .filter(({ type }) => after.every((condition) => condition.type !== type))
    .map(({ type }) => ({ $patch: 'delete', type }))
  return [...changed, ...removed]
}
