import { invalid, type FieldError } from '../../../domain/field-error.ts'
import type { PodStatus } from '../../../domain/pod.ts'
import { checkAddress } from '../check-address.ts'
import { isIP } from 'node:net'

/**
 * What is wrong with a pod's addresses, and its host's: one of each family at the most.
 *
 * @see Kubernetes validation.go, validatePodIPs and validateHostIPs.
 */
export function validatePodAddresses(status: PodStatus = {}): readonly FieldError[] {
  const { hostIP = '', hostIPs = [], podIPs = [] } = status
  const [first] = hostIPs
  const why = 'must be equal to `hostIP`'
  return [
    ...validateFamilies(podIPs, 'status.podIPs'),
    ...(first === undefined || first.ip === hostIP
      ? []
      : [invalid('status.hostIPs[0].ip', first.ip, why)]),
    ...validateFamilies(hostIPs, 'status.hostIPs'),
  ]
}

function validateFamilies(
  addresses: readonly { readonly ip: string }[],
  field: string,
): readonly FieldError[] {
  const families = new Set(addresses.map(({ ip }) => isIP(ip)))
  // Kubernetes prints its internal type here, whose fields have no JSON names.
  const internal = addresses.map(({ ip }) => ({ IP: ip }))
  const why = 'may specify no more than one IP for each IP family'
  return [
    ...addresses.flatMap(({ ip }, index) => checkAddress(ip, `${field}[${index}]`)),
    ...(families.size < addresses.length ? [invalid(field, internal, why)] : []),
  ]
}
