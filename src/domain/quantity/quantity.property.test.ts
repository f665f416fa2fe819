import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { binarySuffixes, decimalSuffixes } from './quantity-form.ts'
import {
  addQuantity,
  bytesQuantity,
  compareQuantity,
  formatQuantity,
  milliCpuQuantity,
  milliValue,
  parseQuantity,
  roundUpToMilli,
  subtractQuantity,
  wholeValue,
  type Quantity,
} from './quantity.ts'
import { bytes, milliCpu } from '../units.ts'

const digits = fc.stringMatching(/^\d{1,25}$/)
const suffix = fc.oneof(
  fc.constantFrom(...decimalSuffixes, ...binarySuffixes),
  fc
    .tuple(
      fc.constantFrom('e', 'E'),
      fc.constantFrom('', '+', '-'),
      fc.integer({ min: 0, max: 30 }),
    )
    .map((parts) => parts.join('')),
)
const number = fc.oneof(
  digits,
  digits.map((whole) => `${whole}.`),
  digits.map((fraction) => `.${fraction}`),
  fc.tuple(digits, digits).map(([whole, fraction]) => `${whole}.${fraction}`),
)
const text = fc
  .tuple(fc.constantFrom('', '+', '-'), number, suffix)
  .map(([sign, value, unit]) => `${sign}${value}${unit}`)

function parsed(value: string): Quantity {
  const quantity = parseQuantity(value)
  assert.ok(quantity, `${value} is malformed`)
  return quantity
}

const quantity = text.map(parsed)

test('what is printed reads back as the same value and prints the same again', () => {
  fc.assert(
    fc.property(text, (value) => {
      const first = parsed(value)
      const printed = formatQuantity(first)
      const second = parsed(printed)
      assert.equal(compareQuantity(first, second), 0)
      assert.equal(formatQuantity(second), printed)
    }),
    { numRuns: 2000 },
  )
})

test('canonical text is a whole number with the largest suffix that leaves no fraction', () => {
  fc.assert(
    fc.property(quantity, (value) => {
      const printed = formatQuantity(value)
      const [, sign, whole = '', unit = ''] = /^(-?)(\d+)(\D.*)?$/.exec(printed) ?? []
      assert.notEqual(whole, '')
      assert.equal(sign === '-', value.nano < 0n)
      assert.ok(whole === '0' || !whole.startsWith('0'))
      if (whole === '0') return assert.equal(printed, '0')
      const isPlainBinary = value.form === 'binarySI' && unit === '' && BigInt(whole) >= 1024n
      const step = unit.endsWith('i') || isPlainBinary ? 1024n : 1000n
      assert.ok(unit === 'Ei' || BigInt(whole) % step !== 0n)
    }),
    { numRuns: 2000 },
  )
})

/** An independent reading of the same text, as a fraction of whole numbers. */
function fractionOf(value: string): readonly [bigint, bigint] {
  const [, sign, whole = '', fraction = '', unit = ''] =
    /^([+-]?)(\d*)\.?(\d*)(.*)$/.exec(value) ?? []
  const scaled = BigInt(`${sign === '-' ? '-' : ''}${whole}${fraction}`)
  const below = 10n ** BigInt(fraction.length)
  const binary = binarySuffixes.findIndex((one) => one === unit)
  if (binary >= 0) return [scaled << BigInt(10 * (binary + 1)), below]
  const decimal = decimalSuffixes.findIndex((one) => one === unit)
  const exponent = decimal >= 0 ? 3 * decimal - 9 : Number(unit.slice(1))
  const power = 10n ** BigInt(Math.abs(exponent))
  return exponent >= 0 ? [scaled * power, below] : [scaled, below * power]
}

test('a value is kept to the billionth, rounded away from zero, binary ones capped', () => {
  const cap = 2n ** 63n - 1n
  fc.assert(
    fc.property(text, (value) => {
      const [above, below] = fractionOf(value)
      const magnitude = above < 0n ? -above : above
      const isBinary = value.endsWith('i')
      const exact = (magnitude * 1_000_000_000n + below - 1n) / below
      const expected = isBinary && exact > cap * 1_000_000_000n ? cap * 1_000_000_000n : exact
      assert.equal(parsed(value).nano, above < 0n ? -expected : expected)
    }),
    { numRuns: 2000 },
  )
})

test('the order is total and agrees with the values', () => {
  fc.assert(
    fc.property(quantity, quantity, quantity, (a, b, c) => {
      assert.equal(compareQuantity(a, b), 0 - compareQuantity(b, a))
      const [low, middle, high] = [a, b, c].toSorted(compareQuantity)
      assert.ok(low && middle && high)
      assert.ok(compareQuantity(low, high) <= 0)
      assert.ok(milliValue(low) <= milliValue(middle) && milliValue(middle) <= milliValue(high))
      assert.ok(wholeValue(low) <= wholeValue(middle) && wholeValue(middle) <= wholeValue(high))
    }),
  )
})

test('sums are exact', () => {
  fc.assert(
    fc.property(quantity, quantity, (a, b) => {
      assert.equal(compareQuantity(addQuantity(a, b), addQuantity(b, a)), 0)
      assert.equal(compareQuantity(subtractQuantity(addQuantity(a, b), b), a), 0)
    }),
  )
})

test('rounding up to milli takes the nearest thousandth that is not closer to zero', () => {
  fc.assert(
    fc.property(quantity, (value) => {
      const { nano } = roundUpToMilli(value)
      const magnitude = (one: bigint) => (one < 0n ? -one : one)
      assert.equal(nano % 1_000_000n, 0n)
      assert.ok(magnitude(nano) >= magnitude(value.nano))
      assert.ok(magnitude(nano) - magnitude(value.nano) < 1_000_000n)
      assert.equal(milliValue({ nano, form: value.form }), milliValue(value))
    }),
  )
})

test('millicores and bytes come back from their text', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (value) => {
      assert.equal(milliValue(parsed(milliCpuQuantity(milliCpu(value)))), value)
      assert.equal(wholeValue(parsed(bytesQuantity(bytes(value)))), value)
    }),
  )
})

test('no text makes it fail', () => {
  const near = fc.stringMatching(/^[+-]?[0-9.]{0,6}[eEinumkKMGTP]{0,3}[-+]?[0-9]{0,4}$/)
  fc.assert(
    fc.property(fc.oneof(fc.string(), near), (value) => {
      const read = parseQuantity(value)
      if (read) assert.equal(compareQuantity(parsed(formatQuantity(read)), read), 0)
      // What is read fits the expression that Kubernetes names in its error.
      if (read) assert.match(value, /^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$/)
    }),
    { numRuns: 3000 },
  )
})
