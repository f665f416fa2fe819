import { isJsonObject, type JsonObject, type JsonValue } from '../../schema/json-value.ts'

/** Go cannot tell an empty text from an absent one: both get the default. */
function isMissing(value: JsonValue | undefined): boolean {
  return value === undefined || value === null || value === ''
}

/** `object` with those of `defaults` that it lacks; itself if it lacks none. */
export function fill(object: JsonObject, defaults: JsonObject): JsonObject {
  const missing = Object.entries(defaults).filter(([key]) => isMissing(object[key]))
  return missing.length === 0 ? object : { ...object, ...Object.fromEntries(missing) }
}

/** `object` with the object at `key`, if there is one, changed by `change`. */
export function mapObject(
  object: JsonObject,
  key: string,
  change: (inner: JsonObject) => JsonObject,
): JsonObject {
  const before = object[key]
  if (!isJsonObject(before)) return object
  const after = change(before)
  return after === before ? object : { ...object, [key]: after }
}

/** `object` with every object in the list at `key`, if there is one, changed by `change`. */
export function mapList(
  object: JsonObject,
  key: string,
  change: (item: JsonObject) => JsonObject,
): JsonObject {
  const before = object[key]
  if (!Array.isArray(before)) return object
  const after = before.map((item) => (isJsonObject(item) ? change(item) : item))
  return after.every((item, index) => item === before[index]) ? object : { ...object, [key]: after }
}
