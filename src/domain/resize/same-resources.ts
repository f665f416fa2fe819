import type { ResourceList, ResourceRequirements } from '../pod.ts'
import { compareQuantity, parseQuantity } from '../quantity/quantity.ts'

/** Whether two lists hold the same keys with the same values; `500m` equals `0.5`. */
export function sameList(a: ResourceList | undefined, b: ResourceList | undefined): boolean {
  const names = Object.keys(a ?? {})
  return (
    names.length === Object.keys(b ?? {}).length &&
    names.every((name) => sameValue(a?.[name], b?.[name]))
  )
}

function sameValue(a: string | undefined, b: string | undefined): boolean {
  if (a === b) return true
  const first = a === undefined ? undefined : parseQuantity(a)
  const second = b === undefined ? undefined : parseQuantity(b)
  return first !== undefined && second !== undefined && compareQuantity(first, second) === 0
}

/**
 * Whether two resource requirements mean the same, as Kubernetes' semantic equality has
 * it: quantities by value, empty lists equal to absent ones.
 */
export function sameResources(
  a: ResourceRequirements | undefined,
  b: ResourceRequirements | undefined,
): boolean {
  return (
    sameList(a?.requests, b?.requests) &&
    sameList(a?.limits, b?.limits) &&
    sameClaims(a?.claims, b?.claims)
  )
}

/** Whether two lists of claims hold the same entries in the same order. */
export function sameClaims(
  a: ResourceRequirements['claims'],
  b: ResourceRequirements['claims'],
): boolean {
  return a === b || JSON.stringify(a ?? []) === JSON.stringify(b ?? [])
}
