import { isJsonObject, type JsonValue } from '../schema/json-value.ts'
import { getOwn } from '../schema/own-property.ts'

/** What tells the items of a list apart: the value of their key, or a scalar itself. */
export function identityOf(item: JsonValue, key: string | undefined): JsonValue | undefined {
  if (key === undefined) return item
  return isJsonObject(item) ? getOwn(item, key) : undefined
}

/** Where in the list each item is; of those that nothing tells apart, the first. */
export function indexByIdentity(
  list: readonly JsonValue[],
  key: string | undefined,
): Map<JsonValue | undefined, number> {
  const indexes = new Map<JsonValue | undefined, number>()
  for (const [index, item] of list.entries()) {
    const identity = identityOf(item, key)
    if (!indexes.has(identity)) indexes.set(identity, index)
  }
  return indexes
}

/** Those whose order the map knows, sorted by it; the others stay behind them in their order. */
function sortBy(
  items: readonly JsonValue[],
  order: ReadonlyMap<JsonValue | undefined, number>,
  key: string | undefined,
): readonly JsonValue[] {
  const place = (item: JsonValue) => order.get(identityOf(item, key)) ?? Number.MAX_SAFE_INTEGER
  return items.toSorted((a, b) => place(a) - place(b))
}

/**
 * `merged` in the order that a strategic merge patch asks for: items that `order` names
 * follow it; the server's other items keep the order they have in `server` and go before the
 * first named item that stood behind them there.
 */
export function orderElements(
  merged: readonly JsonValue[],
  order: readonly JsonValue[],
  server: readonly JsonValue[],
  key: string | undefined,
): JsonValue[] {
  const wanted = indexByIdentity(order, key)
  const live = indexByIdentity(server, key)
  const isNamed = (item: JsonValue) => wanted.has(identityOf(item, key))
  const named = sortBy(merged.filter(isNamed), wanted, key)
  const others = sortBy(
    merged.filter((item) => !isNamed(item)),
    live,
    key,
  )
  return interleave(others, named, (item) => live.get(identityOf(item, key)))
}

function interleave(
  others: readonly JsonValue[],
  named: readonly JsonValue[],
  livePlace: (item: JsonValue) => number | undefined,
): JsonValue[] {
  const result: JsonValue[] = []
  let next = 0
  for (const item of named) {
    const place = livePlace(item)
    for (let other = others[next]; other !== undefined; other = others[next]) {
      const otherPlace = livePlace(other)
      if (place === undefined || otherPlace === undefined || otherPlace >= place) break
      result.push(other)
      next += 1
    }
    result.push(item)
  }
  return [...result, ...others.slice(next)]
}
