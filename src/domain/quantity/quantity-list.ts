import type { ResourceList } from '../pod.ts'
import { addQuantity, compareQuantity, isZero, parseQuantity, type Quantity } from './quantity.ts'

/** Amounts by resource name: what `ResourceList` says, ready to count with. */
export type QuantityList = Readonly<Record<string, Quantity>>

// Loops over keys, here and below: a node counts all its pods for each admission, and
// making the lists by way of entries takes three times as long.

/** The amounts of a list. Malformed ones are left out; an API server does not let them in. */
export function parseList(list: ResourceList | undefined): QuantityList {
  const quantities: Record<string, Quantity> = {}
  for (const name of Object.keys(list ?? {})) {
    const quantity = parseQuantity(list?.[name] ?? '')
    if (quantity) quantities[name] = quantity
  }
  return quantities
}

/** The sum of both, for the resources of either. */
export function addLists(a: QuantityList, b: QuantityList): QuantityList {
  return combine(a, b, addQuantity)
}

/** The larger amount of both, for the resources of either. */
export function largestOfLists(a: QuantityList, b: QuantityList): QuantityList {
  return combine(a, b, (one, other) => (compareQuantity(one, other) < 0 ? other : one))
}

/** `list` with `extra` added to those of its amounts that are not zero; no resource is added. */
export function addWherePresent(list: QuantityList, extra: QuantityList): QuantityList {
  const sum = { ...list }
  for (const name of Object.keys(list)) {
    const quantity = list[name]
    const more = extra[name]
    if (quantity && more && !isZero(quantity)) sum[name] = addQuantity(quantity, more)
  }
  return sum
}

function combine(
  a: QuantityList,
  b: QuantityList,
  merge: (one: Quantity, other: Quantity) => Quantity,
): QuantityList {
  const names = Object.keys(b)
  if (names.length === 0) return a
  const merged = { ...a }
  for (const name of names) {
    const present = a[name]
    const other = b[name]
    if (other) merged[name] = present ? merge(present, other) : other
  }
  return merged
}
