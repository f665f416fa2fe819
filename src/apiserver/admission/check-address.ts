import { isIP } from 'node:net'
import { invalid, type FieldError } from '../../domain/field-error.ts'

function isAddress(address: string): boolean {
  return isIP(address) !== 0 && !address.includes('%')
}

/** An IPv4 or IPv6 address. */
export function checkAddress(address: string, field: string): readonly FieldError[] {
  if (isAddress(address)) return []
  const why = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
  return [invalid(field, address, why)]
}

const special = [
  [/^(0\.0\.0\.0|::)$/, (address: string) => `may not be unspecified (${address})`],
  [/^(127\.|::1$)/, () => 'may not be in the loopback range (127.0.0.0/8, ::1/128)'],
  [
    /^(169\.254\.|fe[89ab][0-9a-f]:)/i,
    () => 'may not be in the link-local range (169.254.0.0/16, fe80::/10)',
  ],
  [
    /^(224\.0\.0\.|ff02:)/i,
    () => 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
  ],
] as const

/** An address at which another machine can be reached. */
export function checkOutsideAddress(address: string, field: string): readonly FieldError[] {
  if (!isAddress(address)) return checkAddress(address, field)
  return special.flatMap(([pattern, why]) =>
    pattern.test(address) ? [invalid(field, address, why(address))] : [],
  )
}
