import {
  binarySuffixes,
  decimalSuffixes,
  divideAwayFromZero,
  nanosPerUnit,
  type Quantity,
  type QuantityForm,
} from './quantity-form.ts'

/** What a suffix does to the number before it. */
type Scale =
  | { readonly form: 'decimalSI' | 'decimalExponent'; readonly exponent: number }
  | { readonly form: 'binarySI'; readonly factor: bigint }

/** What a whole number with this suffix is worth in billionths. */
interface WholeScale {
  readonly form: QuantityForm
  readonly nanos: bigint
}

const scales: ReadonlyMap<string, Scale> = new Map<string, Scale>([
  ...decimalSuffixes.map((suffix, step): [string, Scale] => [
    suffix,
    { form: 'decimalSI', exponent: 3 * step - 9 },
  ]),
  ...binarySuffixes.map((suffix, step): [string, Scale] => [
    suffix,
    { form: 'binarySI', factor: 1024n ** BigInt(step + 1) },
  ]),
])

const wholeScales: ReadonlyMap<string, WholeScale> = new Map(
  [...scales].map(([suffix, scale]) => [
    suffix,
    {
      form: scale.form,
      nanos:
        scale.form === 'binarySI' ? scale.factor * nanosPerUnit : 10n ** BigInt(scale.exponent + 9),
    },
  ]),
)

/** The largest amount with a binary suffix, 2^63 - 1; what is above becomes this, as in Kubernetes. */
const binaryCap = (2n ** 63n - 1n) * nanosPerUnit

/** 15 digits always fit a double exactly. */
const maxFastDigits = 15

/** No resource has such an amount, and the next request might hold a million of these digits. */
const maxLength = 400
const maxExponent = 400

const pattern = /^([+-]?)(\d*)(?:\.(\d*))?([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?$/

/**
 * Reads an amount as Kubernetes writes it: `0.5`, `500m`, `64Mi`, `1.5Gi`, `2e3`, `-1`.
 * Undefined if it is malformed. YAML and JSON may hold a plain number (`cpu: 2`), which is
 * taken by its digits.
 *
 * Parts smaller than a billionth are rounded away from zero. An amount with a binary
 * suffix stops at 2^63 - 1 bytes either side of zero; others keep their value.
 *
 * Kubernetes also takes text without any digit (`m`, `-`, `.`) for 0; here it is
 * malformed, as the documented grammar says, and so is an exponent above 400.
 *
 * @see Kubernetes apimachinery, pkg/api/resource/quantity.go, ParseQuantity.
 */
export function parseQuantity(value: string | number): Quantity | undefined {
  const text = typeof value === 'string' ? value : String(value)
  return parseWhole(text) ?? parseAny(text)
}

/** The usual case, a short whole number and a known suffix, without a regular expression. */
function parseWhole(text: string): Quantity | undefined {
  let digits = 0
  let value = 0
  for (; digits < text.length; digits++) {
    const digit = text.charCodeAt(digits) - 48
    if (digit < 0 || digit > 9) break
    value = value * 10 + digit
  }
  if (digits === 0 || digits > maxFastDigits) return undefined
  const scale = wholeScales.get(digits === text.length ? '' : text.slice(digits))
  return scale && bounded(BigInt(value) * scale.nanos, scale.form)
}

function parseAny(text: string): Quantity | undefined {
  if (text.length > maxLength) return undefined
  const [matched, sign, whole = '', fraction = '', suffix = ''] = pattern.exec(text) ?? []
  if (matched === undefined || whole.length + fraction.length === 0) return undefined
  const scale = scales.get(suffix) ?? exponentScale(suffix)
  const digits = BigInt(whole + fraction)
  const nano = toNanos(digits, fraction.length, scale)
  return nano === undefined ? undefined : bounded(sign === '-' ? -nano : nano, scale.form)
}

function exponentScale(suffix: string): Scale {
  return { form: 'decimalExponent', exponent: Number(suffix.slice(1)) }
}

/** `digits` with the last `places` of them behind the point, in billionths, rounded up. */
function toNanos(digits: bigint, places: number, scale: Scale): bigint | undefined {
  if (digits === 0n) return 0n
  if (scale.form === 'binarySI') {
    return divideAwayFromZero(digits * scale.factor * nanosPerUnit, 10n ** BigInt(places))
  }
  if (scale.exponent > maxExponent) return undefined
  const power = scale.exponent - places + 9
  if (power >= 0) return digits * 10n ** BigInt(power)
  return power < -maxLength ? 1n : divideAwayFromZero(digits, 10n ** BigInt(-power))
}

function bounded(nano: bigint, form: QuantityForm): Quantity {
  if (form !== 'binarySI') return { nano, form }
  if (nano > binaryCap) return { nano: binaryCap, form }
  if (nano < -binaryCap) return { nano: -binaryCap, form }
  const isFraction = nano !== 0n && nano < nanosPerUnit && nano > -nanosPerUnit
  return { nano, form: isFraction ? 'decimalSI' : form }
}
