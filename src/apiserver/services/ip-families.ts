import { invalid, type FieldError } from '../../domain/field-error.ts'
import { fill } from '../admission/defaults/fill.ts'
import type { JsonObject } from '../schema/json-value.ts'
import { objectAt, textAt, textsAt } from '../schema/read-json.ts'
import { clusterIps, hasClusterIp, headless } from './service-view.ts'
import { isIPv6 } from 'node:net'

const single = 'SingleStack'
const double = 'RequireDualStack'

/**
 * The spec with the families of its addresses where it does not name them: those of the addresses
 * that it names, else IPv4, which is all there is here. A headless service without a selector is
 * of both, as somebody else says where it leads.
 *
 * @see Kubernetes pkg/registry/core/service/storage/alloc.go, initIPFamilyFields
 */
export function withFamilies(spec: JsonObject): JsonObject {
  if (!hasClusterIp(spec)) return spec
  const free = isFree(spec)
  const defaulted = fill(spec, { ipFamilyPolicy: free ? double : single })
  const given = textsAt(spec, 'ipFamilies')
  const first = given[0] ?? 'IPv4'
  const isBoth = free && given.length < 2 && textAt(defaulted, 'ipFamilyPolicy') !== single
  const ipFamilies = isBoth ? [first, first === 'IPv4' ? 'IPv6' : 'IPv4'] : inferred(spec, given)
  return ipFamilies.length === given.length
    ? defaulted
    : { ...defaulted, ipFamilies: [...ipFamilies] }
}

/** A new service's spec, whose one address stands for a list of it, with its families. */
export function withNewAddresses(spec: JsonObject): JsonObject {
  const one = textAt(spec, 'clusterIP')
  return withFamilies(fill(spec, hasClusterIp(spec) && one !== '' ? { clusterIPs: [one] } : {}))
}

/** Headless and without a selector. */
function isFree(spec: JsonObject): boolean {
  return (
    clusterIps(spec)[0] === headless && Object.keys(objectAt(spec, 'selector') ?? {}).length === 0
  )
}

/** Ends before an address that is not of a family that there is. */
function inferred(spec: JsonObject, given: readonly string[]): readonly string[] {
  const others = clusterIps(spec).slice(given.length)
  const strange = others.findIndex((address) => isIPv6(address))
  const known = strange === -1 ? others : others.slice(0, strange)
  if (given.length === 0 && others.length === 0) return ['IPv4']
  return [...given, ...known.map(() => 'IPv4')]
}

/**
 * What there is against the families of a spec that withFamilies has made whole. Those that are
 * not there are looked at last, as in Kubernetes.
 */
export function checkFamilies(spec: JsonObject): readonly FieldError[] {
  const against = againstPolicy(spec)
  return against.length > 0 || isFree(spec) ? against : notThere(spec)
}

function againstPolicy(spec: JsonObject): readonly FieldError[] {
  const [addresses, families] = [clusterIps(spec), textsAt(spec, 'ipFamilies')]
  const policy = textAt(spec, 'ipFamilyPolicy')
  const several = (what: string) =>
    invalid(
      'spec.ipFamilyPolicy',
      policy,
      `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${what} are specified`,
    )
  const unknown = addresses.flatMap((address, index) =>
    index >= families.length && isIPv6(address)
      ? [invalid(`spec.clusterIPs[${index}]`, addresses, 'IPv6 is not configured on this cluster')]
      : [],
  )
  return [
    ...(policy === single && addresses.length === 2 ? [several('cluster IPs')] : []),
    ...(policy === single && families.length === 2 ? [several('IP families')] : []),
    ...unknown,
  ]
}

function notThere(spec: JsonObject): readonly FieldError[] {
  const alone = 'this cluster is not configured for dual-stack services'
  const policy = textAt(spec, 'ipFamilyPolicy')
  return [
    ...(policy === double ? [invalid('spec.ipFamilyPolicy', policy, alone)] : []),
    ...textsAt(spec, 'ipFamilies').flatMap((family, index) =>
      family === 'IPv4'
        ? []
        : [invalid(`spec.ipFamilies[${index}]`, family, 'not configured on this cluster')],
    ),
  ]
}
