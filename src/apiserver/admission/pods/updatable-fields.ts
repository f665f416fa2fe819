import { atLeast, type KubeVersion } from '../../../domain/kube-version.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../schema/json-value.ts'
import { hasValue, objectAt, objectsAt } from '../../schema/read-json.ts'

/**
 * `after` with those fields set back to `before` that an update of a pod may change. Where
 * the two still differ, the update touches something else. Both have the same number of
 * containers.
 */
export function withUpdatableFields(
  before: JsonObject,
  after: JsonObject,
  version: KubeVersion,
): JsonObject {
  const result = { ...after }
  const restore = (key: string) => {
    if (hasValue(before, key)) result[key] = before[key] as JsonValue
    else delete result[key]
  }
  for (const key of ['activeDeadlineSeconds', 'schedulingGates', 'tolerations']) restore(key)
  if (objectsAt(before, 'schedulingGates').length > 0) {
    restore('nodeSelector')
    restoreNodeAffinity(before, result)
  }
  for (const list of ['containers', 'initContainers']) {
    if (!Array.isArray(after[list])) continue
    // Until 1.31 a resize was an update of the pod itself, for regular containers.
    const resizes = list === 'containers' && !atLeast(version, '1.32')
    const old = objectsAt(before, list)
    result[list] = after[list].map((container, index) => {
      if (!isJsonObject(container)) return container
      const was = old[index] ?? {}
      const withImage = withKeys(container, was, ['image'])
      return resizes ? withSizes(withImage, was) : withImage
    })
  }
  return result
}

/** Only the node affinity: affinity to other pods may not change. */
function restoreNodeAffinity(before: JsonObject, result: Record<string, JsonValue>): void {
  const old = objectAt(before, 'affinity')
  const affinity = withKeys(objectAt(result, 'affinity') ?? {}, old ?? {}, ['nodeAffinity'])
  if (old === undefined && Object.keys(affinity).length === 0) delete result['affinity']
  else result['affinity'] = affinity
}

function withKeys(object: JsonObject, old: JsonObject, keys: readonly string[]): JsonObject {
  const result = { ...object }
  for (const key of keys) {
    if (hasValue(old, key)) result[key] = old[key] as JsonValue
    else delete result[key]
  }
  return result
}

function withSizes(container: JsonObject, old: JsonObject): JsonObject {
  const [now, was] = [container, old].map((one) => objectAt(one, 'resources') ?? {})
  const resources = { ...now }
  for (const side of ['limits', 'requests']) {
    const [nowList, wasList] = [now, was].map((one) => objectAt(one ?? {}, side) ?? {})
    const list = withKeys(nowList ?? {}, wasList ?? {}, ['cpu', 'memory'])
    if (Object.keys(list).length > 0) resources[side] = list
    else delete resources[side]
  }
  return { ...container, resources }
}
