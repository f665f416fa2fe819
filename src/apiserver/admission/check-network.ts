import { isIP } from 'node:net'
import { invalid, type FieldError } from '../../domain/field-error.ts'

/** 4 or 6: the family of a network such as `10.9.8.0/24`; undefined where it is none. */
export function networkFamily(network: string): 4 | 6 | undefined {
  const [, address = '', bits = ''] = /^([^/%]*)\/(0|[1-9]\d{0,2})$/.exec(network) ?? []
  const family = isIP(address)
  if (family === 4) return Number(bits) <= 32 ? 4 : undefined
  return family === 6 && Number(bits) <= 128 ? 6 : undefined
}

/** An IPv4 or IPv6 network. */
export function checkNetwork(network: string, field: string): readonly FieldError[] {
  if (networkFamily(network) !== undefined) return []
  const why = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'
  return [invalid(field, network, why)]
}
