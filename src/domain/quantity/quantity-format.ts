import { binarySuffixes, decimalSuffixes, nanosPerUnit, type Quantity } from './quantity-form.ts'

/**
 * The amount in canonical form: a whole number with the largest suffix that leaves no
 * fraction (`1500m`, `1536Mi`), and a sign only if it is negative. Zero is `0`.
 *
 * The kind of suffix is the one it was written with. A binary amount below 1024 or with
 * a fraction prints with a decimal suffix (`1000`, not `0.98Ki`, so `1k`). Above `E` there
 * is no decimal suffix, so an exponent takes its place: `1000E` prints as `1e21`.
 *
 * Kubernetes keeps the text of a few odd spellings as they came (`+1`, `05`, `5.`, `1E3`);
 * here they are printed in canonical form as well.
 *
 * @see Kubernetes apimachinery, pkg/api/resource/quantity.go, CanonicalizeBytes.
 */
export function formatQuantity(quantity: Quantity): string {
  const { nano, form } = quantity
  if (nano === 0n) return '0'
  if (form === 'binarySI' && nano % nanosPerUnit === 0n) {
    const units = nano / nanosPerUnit
    if (units >= 1024n || units <= -1024n) return formatBinary(units)
  }
  return formatDecimal(nano, form === 'decimalExponent')
}

function formatBinary(units: bigint): string {
  let number = units
  let step = 0
  // Powers of 1024 are cut off with shifts; `&` is right for negative numbers, too.
  while (step < binarySuffixes.length && (number & 1023n) === 0n) {
    number >>= 10n
    step++
  }
  return step === 0 ? `${number}` : `${number}${binarySuffixes[step - 1]}`
}

function formatDecimal(nano: bigint, asExponent: boolean): string {
  let number = nano
  let step = 0
  if (number % nanosPerUnit === 0n) {
    number /= nanosPerUnit
    step = 3
  }
  while (number % 1000n === 0n) {
    number /= 1000n
    step++
  }
  const exponent = 3 * step - 9
  if (exponent === 0) return `${number}`
  const suffix = asExponent ? undefined : decimalSuffixes[step]
  return `${number}${suffix ?? `e${exponent}`}`
}
