import { isJsonObject, type JsonObject, type JsonValue } from '../schema/json-value.ts'
import type { MergeRule } from '../schema/merge-rules.ts'
import { objectType, type FieldType, type ObjectType } from '../schema/object-type.ts'
import { getOwn, setOwn } from '../schema/own-property.ts'
import { applyRetainKeys, dropDirectives, readDirectives } from './directives.ts'
import { orderElements } from './element-order.ts'
import { checkElementOrder, mergeList, removeScalars } from './merge-list.ts'
import { badPatch, PatchProblem } from './patch-error.ts'

/** What the patch needs to know of a field; undefined: free-form, nothing is known. */
interface FieldMerge {
  readonly type: FieldType | undefined
  readonly rule: MergeRule | undefined
}

const unknownField: FieldMerge = { type: undefined, rule: undefined }

function fieldMerge(type: FieldType | undefined, key: string): FieldMerge {
  if (type?.kind === 'map') return { type: type.values, rule: undefined }
  if (type?.kind !== 'object') return unknownField
  const field = objectType(type.name).fields.get(key)
  return field ? { type: field.type, rule: field.merge } : unknownField
}

/**
 * `current` with the strategic merge patch `patch` applied. Lists that `type` merges by a key
 * are merged item by item; see the directives $patch, $setElementOrder,
 * $deleteFromPrimitiveList and $retainKeys in directives.ts. Neither argument is changed.
 *
 * @throws PatchProblem with the message and code that kube-apiserver answers.
 */
export function strategicMergePatch(
  current: JsonObject,
  patch: JsonObject,
  type: ObjectType,
): JsonObject {
  return mergeObject(current, patch, { kind: 'object', name: type.name })
}

function mergeObject(
  current: JsonObject,
  patch: JsonObject,
  type: FieldType | undefined,
): JsonObject {
  const directive = getOwn(patch, '$patch')
  if (directive !== undefined) return replaceOrDelete(directive, patch)
  const directives = readDirectives(patch)
  const result = applyRetainKeys({ ...current }, directives)
  const done = new Set<string>()
  for (const [key, order] of directives.elementOrder) {
    mergeOrdered(result, directives.plain, key, order, fieldMerge(type, key))
    done.add(key)
  }
  for (const [key, removed] of directives.deletedScalars) {
    const list = getOwn(result, key)
    if (Array.isArray(list)) setOwn(result, key, removeScalars(list, removed))
  }
  for (const [key, value] of Object.entries(directives.plain)) {
    if (!done.has(key)) mergeField(result, key, value, fieldMerge(type, key))
  }
  return result
}

function replaceOrDelete(directive: JsonValue, patch: JsonObject): JsonObject {
  if (directive === 'delete') return {}
  if (directive === 'replace') return dropDirectives(patch) as JsonObject
  throw new PatchProblem(
    badPatch(`unknown patch type found: ${JSON.stringify(directive)}, must be replace or delete`),
  )
}

function mergeField(result: JsonObject, key: string, value: JsonValue, field: FieldMerge): void {
  if (value === null) {
    delete result[key]
    return
  }
  const before = getOwn(result, key)
  if (isJsonObject(before) && isJsonObject(value)) {
    setOwn(result, key, mergeObject(before, value, field.type))
  } else if (Array.isArray(before) && Array.isArray(value) && field.rule) {
    setOwn(result, key, mergeKeyedList(before, value, field))
  } else {
    setOwn(result, key, dropDirectives(value))
  }
}

function mergeKeyedList(
  before: readonly JsonValue[],
  patch: readonly JsonValue[],
  field: FieldMerge,
): JsonValue[] {
  const itemType = field.type?.kind === 'list' ? field.type.items : undefined
  return mergeList(before, patch, field.rule?.key, (item, change) =>
    mergeObject(item, change, itemType),
  )
}

/** A list whose wanted order the patch tells by $setElementOrder. */
function mergeOrdered(
  result: JsonObject,
  patch: JsonObject,
  key: string,
  order: readonly JsonValue[],
  field: FieldMerge,
): void {
  const change = getOwn(patch, key)
  if (change === null) {
    delete result[key]
    return
  }
  const before = getOwn(result, key)
  const mergeKey = field.rule?.key
  checkElementOrder(key, order, change, mergeKey)
  if (change !== undefined) mergeField(result, key, change, field)
  const merged = getOwn(result, key)
  if (!Array.isArray(merged)) return
  setOwn(result, key, orderElements(merged, order, Array.isArray(before) ? before : [], mergeKey))
}
