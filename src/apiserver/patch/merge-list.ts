import { isJsonObject, type JsonObject, type JsonValue } from '../schema/json-value.ts'
import { getOwn } from '../schema/own-property.ts'
import { identityOf, indexByIdentity, orderElements } from './element-order.ts'
import { badPatch, PatchProblem, unfitPatch } from './patch-error.ts'

type MergeItem = (item: JsonObject, change: JsonObject) => JsonObject

/**
 * `before` with the items of `patch` merged in: those with the same key through `mergeItem`,
 * new ones added, `{$patch: delete, <key>}` removed; with `{$patch: replace}` among them the
 * patch's items replace all. Scalars (no `key`) form a set.
 *
 * @throws PatchProblem if an item has no key or is of the wrong type.
 */
export function mergeList(
  before: readonly JsonValue[],
  patch: readonly JsonValue[],
  key: string | undefined,
  mergeItem: MergeItem,
): JsonValue[] {
  if (key === undefined) return mergeScalars(before, patch)
  const changes = patch.map((item) => keyedItem(item, key))
  const plain = changes.filter((change) => getOwn(change, '$patch') === undefined)
  if (changes.some((change) => change['$patch'] === 'replace')) return plain
  const removed = new Set(
    changes.filter((change) => change['$patch'] === 'delete').map((change) => change[key]),
  )
  const kept = before.filter((item) => !removed.has(identityOf(item, key) ?? null))
  return orderElements(mergeItems(kept, plain, key, mergeItem), plain, kept, key)
}

function keyedItem(item: JsonValue, key: string): JsonObject {
  if (!isJsonObject(item)) {
    throw new PatchProblem(unfitPatch('invalid argument type: list items must be objects'))
  }
  const directive = getOwn(item, '$patch')
  if (directive === 'replace') return item
  if (directive === 'merge') {
    throw new PatchProblem(unfitPatch('merging lists cannot yet be specified in the patch'))
  }
  if (directive !== undefined && directive !== 'delete') {
    throw new PatchProblem(
      unfitPatch(`unknown patch type found: ${JSON.stringify(directive)}, must be delete`),
    )
  }
  if (getOwn(item, key) === undefined) {
    throw new PatchProblem(
      unfitPatch(`map: ${JSON.stringify(item)} does not contain declared merge key: ${key}`),
    )
  }
  return item
}

function mergeItems(
  before: readonly JsonValue[],
  changes: readonly JsonObject[],
  key: string,
  mergeItem: MergeItem,
): JsonValue[] {
  const merged = [...before]
  const places = indexByIdentity(before, key)
  for (const change of changes) {
    const identity = change[key]
    const place = places.get(identity) ?? merged.length
    const item = merged[place]
    merged[place] = mergeItem(isJsonObject(item) ? item : {}, change)
    places.set(identity, place)
  }
  return merged
}

function mergeScalars(before: readonly JsonValue[], patch: readonly JsonValue[]): JsonValue[] {
  const merged = [...new Set([...before, ...patch])]
  return orderElements(merged, patch, before, undefined)
}

export function removeScalars(
  list: readonly JsonValue[],
  removed: readonly JsonValue[],
): JsonValue[] {
  const gone = new Set(removed)
  return list.filter((item) => !gone.has(item))
}

/** @throws PatchProblem unless the patched items appear in `order`, in the same order. */
export function checkElementOrder(
  name: string,
  order: readonly JsonValue[],
  change: JsonValue | undefined,
  key: string | undefined,
): void {
  if (change === undefined) return
  if (!Array.isArray(change)) {
    throw new PatchProblem(badPatch('invalid patch format of setElementOrder list'))
  }
  const places = new Map(order.map((item, index) => [identityOf(item, key), index]))
  let last = -1
  for (const item of change) {
    if (isJsonObject(item) && item['$patch'] !== undefined) continue
    const place = places.get(identityOf(item, key))
    if (place === undefined || place < last) {
      const message = `The order in patch list:\n${JSON.stringify(change)}\n doesn't match $setElementOrder list:\n${JSON.stringify(order)}\n`
      throw new PatchProblem(unfitPatch(`${name}: ${message}`))
    }
    last = place
  }
}
