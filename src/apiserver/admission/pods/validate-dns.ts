import { invalid, required, type FieldError } from '../../../domain/field-error.ts'
import { atLeast, type KubeVersion } from '../../../domain/kube-version.ts'
import type { JsonObject } from '../../schema/json-value.ts'
import { objectAt, objectsAt, textAt, textsAt } from '../../schema/read-json.ts'
import { checkAddress } from '../check-address.ts'
import { checkName, dnsSubdomain, searchPath } from '../name-rules.ts'

const most = { nameservers: 3, searches: 32, searchCharacters: 2048 }

/** How a pod's resolver is set up. @see Kubernetes validation.go, validatePodDNSConfig */
export function validateDns(spec: JsonObject, version: KubeVersion): readonly FieldError[] {
  const config = objectAt(spec, 'dnsConfig')
  const field = 'spec.dnsConfig'
  const nameservers = textsAt(config ?? {}, 'nameservers')
  const isOwn = textAt(spec, 'dnsPolicy') === 'None'
  if (config === undefined) {
    return isOwn ? [required(field, 'must provide `dnsConfig` when `dnsPolicy` is None')] : []
  }
  if (isOwn && nameservers.length === 0) {
    const why = 'must provide at least one DNS nameserver when `dnsPolicy` is None'
    return [required(`${field}.nameservers`, why)]
  }
  const why = `must not have more than ${most.nameservers} nameservers`
  return [
    ...(nameservers.length > most.nameservers
      ? [invalid(`${field}.nameservers`, nameservers, why)]
      : []),
    ...nameservers.flatMap((address, index) =>
      checkAddress(address, `${field}.nameservers[${index}]`),
    ),
    ...validateSearches(textsAt(config, 'searches'), version, `${field}.searches`),
    ...objectsAt(config, 'options').flatMap((option, index) =>
      textAt(option, 'name') === ''
        ? [required(`${field}.options[${index}]`, 'must not be empty')]
        : [],
    ),
  ]
}

function validateSearches(
  searches: readonly string[],
  version: KubeVersion,
  field: string,
): readonly FieldError[] {
  const relaxed = atLeast(version, '1.33')
  const tooMany = searches.length > most.searches
  const tooLong = searches.join(' ').length > most.searchCharacters
  const longText = `must not have more than ${most.searchCharacters} characters (including spaces) in the search list`
  return [
    ...(tooMany
      ? [invalid(field, searches, `must not have more than ${most.searches} search paths`)]
      : []),
    ...(tooLong ? [invalid(field, searches, longText)] : []),
    ...searches.flatMap((search, index) => {
      if (relaxed && search === '.') return []
      const name = search.replace(/\.$/, '')
      return checkName(`${field}[${index}]`, name, relaxed ? searchPath : dnsSubdomain)
    }),
  ]
}

/** Lines for a pod's /etc/hosts. */
export function validateHostAliases(spec: JsonObject): readonly FieldError[] {
  return objectsAt(spec, 'hostAliases').flatMap((alias, index) => {
    const path = `spec.hostAliases[${index}]`
    return [
      ...checkAddress(textAt(alias, 'ip'), `${path}.ip`),
      ...textsAt(alias, 'hostnames').flatMap((name, at) =>
        checkName(`${path}.hostnames[${at}]`, name, dnsSubdomain),
      ),
    ]
  })
}
