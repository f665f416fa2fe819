import { isJsonObject, type JsonObject, type JsonValue } from '../schema/json-value.ts'
import { setOwn } from '../schema/own-property.ts'

/**
 * `target` with the JSON merge patch `patch` applied: objects merge by key, null removes,
 * everything else replaces. Neither is changed.
 *
 * @see RFC 7386
 */
export function mergePatch(target: JsonValue | undefined, patch: JsonValue): JsonValue {
  if (!isJsonObject(patch)) return patch
  const merged: JsonObject = isJsonObject(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key]
    else
      setOwn(merged, key, mergePatch(Object.hasOwn(merged, key) ? merged[key] : undefined, value))
  }
  return merged
}
