import {
  duplicate,
  forbidden,
  invalid,
  notSupported,
  required,
  type FieldError,
} from '../../domain/field-error.ts'
import { checkChoice } from '../admission/choice.ts'
import type { JsonObject } from '../schema/json-value.ts'
import { hasValue, textAt, textsAt } from '../schema/read-json.ts'
import { hasClusterIp, headless } from './service-view.ts'
import { isIP, isIPv6 } from 'node:net'

const families = ['IPv4', 'IPv6']
const policies = ['PreferDualStack', 'RequireDualStack', 'SingleStack']
const field = 'spec.clusterIPs'

/** Its addresses and their families by themselves, whatever there is here. */
export function validateAddresses(spec: JsonObject): readonly FieldError[] {
  return hasClusterIp(spec) ? related(spec) : outside(spec)
}

/** A service outside has none. */
function outside(spec: JsonObject): readonly FieldError[] {
  return ['clusterIPs', 'ipFamilies', 'ipFamilyPolicy'].flatMap((name) =>
    hasValue(spec, name)
      ? [forbidden(`spec.${name}`, 'may not be set for ExternalName services')]
      : [],
  )
}

/** @see Kubernetes pkg/apis/core/validation/validation.go, ValidateServiceClusterIPsRelatedFields */
function related(spec: JsonObject): readonly FieldError[] {
  const addresses = textsAt(spec, 'clusterIPs')
  const policy = textAt(spec, 'ipFamilyPolicy')
  const wrong = addresses.flatMap((address, index) => checkAddress(address, index, addresses))
  return [
    ...checkFirst(spec, addresses),
    ...checkNames(textsAt(spec, 'ipFamilies')),
    ...(policy === '' ? [] : checkChoice('spec.ipFamilyPolicy', policy, policies)),
    ...wrong,
    ...(addresses.length > 2 ? [invalid(field, addresses, 'may only hold up to 2 values')] : []),
    ...(wrong.length > 0 ? [] : checkTogether(spec, addresses)),
  ]
}

/** `clusterIP` is the first of them. */
function checkFirst(spec: JsonObject, addresses: readonly string[]): readonly FieldError[] {
  const one = textAt(spec, 'clusterIP')
  if (one === '') {
    const why = 'must be empty when `clusterIP` is not specified'
    return addresses.length === 0 ? [] : [invalid(field, addresses, why)]
  }
  if (addresses.length === 0) return [required(field)]
  if (addresses[0] === one) return []
  return [invalid(field, addresses, 'first value must match `clusterIP`')]
}

function checkNames(named: readonly string[]): readonly FieldError[] {
  return named.flatMap((family, index) => {
    const path = `spec.ipFamilies[${index}]`
    return [
      ...(families.includes(family) ? [] : [notSupported(path, family, families)]),
      ...(named.indexOf(family) < index ? [duplicate(path, family)] : []),
    ]
  })
}

function checkAddress(
  address: string,
  index: number,
  all: readonly string[],
): readonly FieldError[] {
  if (index === 0 && address === headless) {
    const why = "'None' must be the first and only value"
    return all.length === 1 ? [] : [invalid(field, all, why)]
  }
  if (isIP(address) !== 0) return []
  const why = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
  return [invalid(`${field}[${index}]`, address, why)]
}

/** One of each family, in the order of the families. */
function checkTogether(spec: JsonObject, addresses: readonly string[]): readonly FieldError[] {
  const named = textsAt(spec, 'ipFamilies')
  const isOne = addresses.length > 1 && new Set(addresses.map((one) => isIPv6(one))).size === 1
  return [
    ...(isOne
      ? [invalid(field, addresses, 'may specify no more than one IP for each IP family')]
      : []),
    ...(addresses[0] === headless ? [] : addresses).flatMap((address, index) => {
      const [expected, is] = [named[index], isIPv6(address) ? 'IPv6' : 'IPv4']
      if (expected === undefined || !families.includes(expected) || expected === is) return []
      const why = `expected an ${expected} value as indicated by \`ipFamilies[${index}]\``
      return [invalid(`${field}[${index}]`, address, why)]
    }),
  ]
}
