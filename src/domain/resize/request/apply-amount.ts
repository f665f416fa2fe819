import type { ResizableResource } from '../resize-policy.ts'
import { textOf, type Side } from './size-side.ts'
import type { Amount } from './size-request.ts'

type Scale = Extract<Amount, { kind: 'scale' }>

/** Which value it is that an amount is for. */
export interface AmountPlace {
  readonly resource: ResizableResource
  readonly side: Side
  /** A share is rounded to a multiple of this. */
  readonly grain: bigint
}

export type AppliedAmount =
  | { readonly kind: 'amount'; readonly value: bigint | undefined }
  | { readonly kind: 'refused'; readonly message: string }

/** The value after one amount: set, added, or a share of the old one. Without an amount it stays. */
export function applyAmount(
  old: bigint | undefined,
  amount: Amount | undefined,
  { resource, side, grain }: AmountPlace,
): AppliedAmount {
  if (amount === undefined) return { kind: 'amount', value: old }
  if (amount.kind === 'set') return { kind: 'amount', value: amount.value }
  if (old === undefined) {
    const example = resource === 'cpu' ? '500m' : '256Mi'
    const message =
      `Cannot change the ${resource} ${side} by a share or a difference: ` +
      `there is no ${resource} ${side} yet; give an amount such as ${example}`
    return { kind: 'refused', message }
  }
  const value = amount.kind === 'add' ? old + amount.value : scaled(old, amount, grain)
  if (value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER)) {
    const now = textOf(old, resource)
    const bound = value < 0n ? 'below 0' : 'above the largest size there is'
    const message = `Cannot change the ${resource} ${side} like that: it is ${now} now and would be ${bound}`
    return { kind: 'refused', message }
  }
  return { kind: 'amount', value }
}

/** What shares are rounded to: the same for both sides, so that a request that is not above its limit stays so. */
export function grainOf(values: readonly (bigint | undefined)[]): bigint {
  const isWhole = (grain: bigint) => values.every((value = 0n) => value % grain === 0n)
  return [1n << 20n, 1n << 10n].find(isWhole) ?? 1n
}

function scaled(old: bigint, { numerator, denominator }: Scale, grain: bigint): bigint {
  const [dividend, divisor] = [old * numerator, denominator * grain]
  const whole = dividend / divisor
  const isExact = dividend % divisor === 0n
  // Never down to nothing, which would mean something else.
  const goesDown = numerator < denominator && grain > 1n && whole > 0n
  return (isExact || goesDown ? whole : whole + 1n) * grain
}
