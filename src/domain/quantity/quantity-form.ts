/**
 * How an amount was written, which is how it will be printed again: `500m` and `2k` are
 * `decimalSI`, `64Mi` is `binarySI`, `2e3` is `decimalExponent`.
 */
export type QuantityForm = 'decimalSI' | 'binarySI' | 'decimalExponent'

/**
 * An exact amount of a resource, such as CPU cores or bytes of memory.
 *
 * It holds whole billionths, the finest step that Kubernetes keeps. Treat it as opaque:
 * compare with `compareQuantity`, never by identity.
 */
export interface Quantity {
  readonly nano: bigint
  readonly form: QuantityForm
}

/** Billionths in 1. */
export const nanosPerUnit = 1_000_000_000n

/** Suffixes of powers of 1000, from 10^-9 up to 10^18. */
export const decimalSuffixes = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'] as const

/** Suffixes of powers of 1024, from 2^10 up to 2^60. */
export const binarySuffixes = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'] as const

/** `dividend / divisor`, rounded away from zero: what is asked for in part is given in whole. */
export function divideAwayFromZero(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor
  if (quotient * divisor === dividend) return quotient
  return dividend < 0n ? quotient - 1n : quotient + 1n
}
