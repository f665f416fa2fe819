import type { ResourceList } from './pod.ts'
import { addQuantity, compareQuantity, isZero, parseQuantity, type Quantity } from './quantity.ts'

/** Amounts by resource name: what `ResourceList` says, ready to count with. */
export type QuantityList = Readonly<Record<string, Quantity>>

/** The amounts of a list. Malformed ones are left out; an API server does not let them in. */
export function parseList(list: ResourceList | undefined): QuantityList {
  if (list === undefined) return {}
  return Object.fromEntries(
    Object.entries(list).flatMap(([name, text]) => {
      const quantity = parseQuantity(text)
      return quantity ? [[name, quantity] as const] : []
    }),
  )
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
  return Object.fromEntries(
    Object.entries(list).map(([name, quantity]) => {
      const more = extra[name]
      return [name, more && !isZero(quantity) ? addQuantity(quantity, more) : quantity]
    }),
  )
}

function combine(
  a: QuantityList,
  b: QuantityList,
  merge: (one: Quantity, other: Quantity) => Quantity,
): QuantityList {
  const merged = Object.entries(b).map(([name, quantity]) => {
    const present = a[name]
    return [name, present ? merge(present, quantity) : quantity] as const
  })
  return merged.length === 0 ? a : { ...a, ...Object.fromEntries(merged) }
}
