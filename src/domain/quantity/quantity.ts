import { formatQuantity } from './quantity-format.ts'
import { divideAwayFromZero, nanosPerUnit, type Quantity } from './quantity-form.ts'
import type { Bytes, MilliCpu } from '../units.ts'

export type { Quantity } from './quantity-form.ts'
export { formatQuantity } from './quantity-format.ts'
export { parseQuantity } from './quantity-parse.ts'

/** What an API server answers (400) to an amount that `parseQuantity` does not take. */
export const malformedQuantityMessage =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

const nanosPerMilli = 1_000_000n

/**
 * The amount in thousandths, rounded away from zero: `0.0001` is 1. For CPU these are
 * millicores. It stops at 2^53 - 1 either side of zero.
 */
export function milliValue(quantity: Quantity): number {
  return toNumber(divideAwayFromZero(quantity.nano, nanosPerMilli))
}

/**
 * The amount in whole units, rounded away from zero: `100m` is 1. For memory these are
 * bytes. It stops at 2^53 - 1 either side of zero.
 */
export function wholeValue(quantity: Quantity): number {
  return toNumber(divideAwayFromZero(quantity.nano, nanosPerUnit))
}

function toNumber(value: bigint): number {
  const number = Number(value)
  if (number > Number.MAX_SAFE_INTEGER) return Number.MAX_SAFE_INTEGER
  return number < Number.MIN_SAFE_INTEGER ? Number.MIN_SAFE_INTEGER : number
}

/** `a + b`, written as `a` is, or as `b` if `a` is zero. */
export function addQuantity(a: Quantity, b: Quantity): Quantity {
  return { nano: a.nano + b.nano, form: a.nano === 0n ? b.form : a.form }
}

/** `a - b`, written as `a` is, or as `b` if `a` is zero. */
export function subtractQuantity(a: Quantity, b: Quantity): Quantity {
  return { nano: a.nano - b.nano, form: a.nano === 0n ? b.form : a.form }
}

/** By value only: `1`, `1000m` and `1e0` are equal. */
export function compareQuantity(a: Quantity, b: Quantity): -1 | 0 | 1 {
  if (a.nano === b.nano) return 0
  return a.nano < b.nano ? -1 : 1
}

export function isZero(quantity: Quantity): boolean {
  return quantity.nano === 0n
}

/**
 * The amount without parts below a thousandth, rounded away from zero. An API server
 * does this to every resource value before anything else sees it: `cpu: 0.0001` becomes
 * `1m`, and `memory: 100m` stays a tenth of a byte.
 *
 * @see Kubernetes pkg/apis/core/v1/defaults.go, SetDefaults_ResourceList.
 */
export function roundUpToMilli(quantity: Quantity): Quantity {
  const nano = divideAwayFromZero(quantity.nano, nanosPerMilli) * nanosPerMilli
  return nano === quantity.nano ? quantity : { nano, form: quantity.form }
}

/** CPU as Kubernetes prints it: 250 is `250m`, 2000 is `2`. */
export function milliCpuQuantity(cpu: MilliCpu): string {
  return formatQuantity({ nano: BigInt(cpu) * nanosPerMilli, form: 'decimalSI' })
}

/** Memory as Kubernetes prints it: 268435456 is `256Mi`, 200000000 is `200000000`. */
export function bytesQuantity(memory: Bytes): string {
  return wholeQuantity(memory)
}

/** Any whole number with a binary suffix where one fits: 10485760 is `10Mi`, -1 is `-1`. */
export function wholeQuantity(amount: number): string {
  return formatQuantity({ nano: BigInt(amount) * nanosPerUnit, form: 'binarySI' })
}
