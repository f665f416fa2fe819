import { isJsonObject, type JsonObject, type JsonValue } from '../schema/json-value.ts'
import { setOwn } from '../schema/own-property.ts'
import { badPatch, PatchProblem } from './patch-error.ts'

const orderPrefix = '$setElementOrder'
const deletePrefix = '$deleteFromPrimitiveList'

/** A patch object taken apart into what it says of fields and its directives. */
export interface Directives {
  readonly plain: JsonObject
  /** `$setElementOrder/<list>`: the list's items in the wanted order, by key or as scalars. */
  readonly elementOrder: ReadonlyMap<string, readonly JsonValue[]>
  /** `$deleteFromPrimitiveList/<list>`: scalars to take out of the list. */
  readonly deletedScalars: ReadonlyMap<string, readonly JsonValue[]>
  /** `$retainKeys`: the only fields that stay; for unions such as a volume's source. */
  readonly retainKeys?: ReadonlySet<JsonValue>
}

function listOf(value: JsonValue, message: string): readonly JsonValue[] {
  if (Array.isArray(value)) return value
  throw new PatchProblem(badPatch(message))
}

function listName(key: string, prefix: string, message: string): string {
  if (key.length > prefix.length + 1 && key[prefix.length] === '/') {
    return key.slice(prefix.length + 1)
  }
  throw new PatchProblem(badPatch(message))
}

const badOrder = 'invalid patch format of setElementOrder list'
const badDelete = 'invalid patch format of primitive list'
const badRetain = 'invalid patch format of retainKeys'

/** @throws PatchProblem if a directive is malformed. */
export function readDirectives(patch: JsonObject): Directives {
  const plain: JsonObject = {}
  const elementOrder = new Map<string, readonly JsonValue[]>()
  const deletedScalars = new Map<string, readonly JsonValue[]>()
  let retainKeys: ReadonlySet<JsonValue> | undefined
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith(orderPrefix)) {
      elementOrder.set(listName(key, orderPrefix, badOrder), listOf(value, badOrder))
    } else if (key.startsWith(deletePrefix)) {
      if (value === null) continue
      deletedScalars.set(listName(key, deletePrefix, badDelete), listOf(value, badDelete))
    } else if (key === '$retainKeys') {
      retainKeys = new Set(listOf(value, badRetain))
    } else {
      setOwn(plain, key, value)
    }
  }
  return { plain, elementOrder, deletedScalars, ...(retainKeys && { retainKeys }) }
}

/** Removes from `object`, in place, what $retainKeys does not name. */
export function applyRetainKeys(object: JsonObject, directives: Directives): JsonObject {
  const { plain, retainKeys } = directives
  if (retainKeys === undefined) return object
  for (const [key, value] of Object.entries(plain)) {
    if (value !== null && !retainKeys.has(key)) throw new PatchProblem(badPatch(badRetain))
  }
  for (const key of Object.keys(object)) if (!retainKeys.has(key)) delete object[key]
  return object
}

/**
 * A value that a patch brings in whole: without nulls and directives, which only mean
 * something against a value that is there. Items to be deleted go.
 */
export function dropDirectives(value: JsonValue): JsonValue {
  if (Array.isArray(value)) {
    return value.filter((item) => !isDirectiveItem(item)).map(dropDirectives)
  }
  if (!isJsonObject(value)) return value
  const result: JsonObject = {}
  for (const [key, inner] of Object.entries(value)) {
    const isDirective =
      key === '$patch' ||
      key === '$retainKeys' ||
      key.startsWith(`${orderPrefix}/`) ||
      key.startsWith(`${deletePrefix}/`)
    if (inner !== null && !isDirective) setOwn(result, key, dropDirectives(inner))
  }
  return result
}

/** `{$patch: delete, …}` or the bare `{$patch: replace}` in a list: no item of its own. */
function isDirectiveItem(item: JsonValue): boolean {
  if (!isJsonObject(item)) return false
  return (
    item['$patch'] === 'delete' || (item['$patch'] === 'replace' && Object.keys(item).length === 1)
  )
}
