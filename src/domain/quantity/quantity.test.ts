import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  addQuantity,
  bytesQuantity,
  compareQuantity,
  formatQuantity,
  isZero,
  milliCpuQuantity,
  milliValue,
  parseQuantity,
  roundUpToMilli,
  subtractQuantity,
  wholeValue,
} from './quantity.ts'
import { bytes, milliCpu } from '../units.ts'

const max = Number.MAX_SAFE_INTEGER
const int64Max = '9223372036854775807'

/** Text, canonical text. */
const canonical: readonly (readonly [string, string])[] = [
  // Zero has no suffix and no sign.
  ['0', '0'],
  ['-0', '0'],
  ['+0', '0'],
  ['000', '0'],
  ['0m', '0'],
  ['0Ki', '0'],
  ['0e5', '0'],
  ['0.000', '0'],
  // Every decimal suffix.
  ['1n', '1n'],
  ['1u', '1u'],
  ['1m', '1m'],
  ['1', '1'],
  ['1k', '1k'],
  ['1M', '1M'],
  ['1G', '1G'],
  ['1T', '1T'],
  ['1P', '1P'],
  ['1E', '1E'],
  // Every binary suffix.
  ['1Ki', '1Ki'],
  ['1Mi', '1Mi'],
  ['1Gi', '1Gi'],
  ['1Ti', '1Ti'],
  ['1Pi', '1Pi'],
  ['1Ei', '1Ei'],
  // Exponents stay exponents, in steps of three.
  ['1e3', '1e3'],
  ['1E3', '1e3'],
  ['1e+3', '1e3'],
  ['1E-3', '1e-3'],
  ['1e0', '1'],
  ['1e1', '10'],
  ['1e2', '100'],
  ['1e4', '10e3'],
  ['1e5', '100e3'],
  ['1e-1', '100e-3'],
  ['1e-2', '10e-3'],
  ['1.5e3', '1500'],
  ['100e-9', '100e-9'],
  ['1e21', '1e21'],
  // The largest suffix that leaves no fraction.
  ['0.5', '500m'],
  ['.5', '500m'],
  ['5.', '5'],
  ['1.5', '1500m'],
  ['1.G', '1G'],
  ['.001', '1m'],
  ['0.0001', '100u'],
  ['1000m', '1'],
  ['1000', '1k'],
  ['1000k', '1M'],
  ['1100', '1100'],
  ['10000000', '10M'],
  ['200000000', '200M'],
  ['0500m', '500m'],
  ['100.035k', '100035'],
  ['0.001k', '1'],
  ['1.25G', '1250M'],
  ['1000000n', '1m'],
  ['1.5Gi', '1536Mi'],
  ['1024Ki', '1Mi'],
  ['1024Mi', '1Gi'],
  ['1023Ki', '1023Ki'],
  ['1000Ki', '1000Ki'],
  ['1025Gi', '1025Gi'],
  ['0.5Mi', '512Ki'],
  ['.5Ei', '512Pi'],
  // A sign only below zero.
  ['+500m', '500m'],
  ['+1Gi', '1Gi'],
  ['-1', '-1'],
  ['-0.5', '-500m'],
  ['-1000', '-1k'],
  ['-1024Mi', '-1Gi'],
  ['-1.5Gi', '-1536Mi'],
  ['-1e4', '-10e3'],
  // Binary amounts below 1024, and with a fraction, have decimal suffixes.
  ['0.5Ki', '512'],
  ['-0.5Ki', '-512'],
  ['0.0009765625Ki', '1'],
  ['0.9765625Ki', '1k'],
  ['0.0001Ki', '102400u'],
  ['1.0001Ki', '1024102400u'],
  ['-1.0001Ki', '-1024102400u'],
  // Finer than a billionth: away from zero.
  ['0.9n', '1n'],
  ['-0.9n', '-1n'],
  ['1.1n', '2n'],
  ['1.0000000001', '1000000001n'],
  ['0.00000000000001', '1n'],
  ['1e-10', '1e-9'],
  ['1e-300', '1e-9'],
  ['1e-99999999999', '1e-9'],
  ['0.00000000001Ki', '11n'],
  // The cap, for binary suffixes only.
  ['7Ei', '7Ei'],
  ['8Ei', int64Max],
  ['-8Ei', `-${int64Max}`],
  ['9999999999Pi', int64Max],
  [int64Max, int64Max],
  ['9223372036854775808', '9223372036854775808'],
  ['100000000000000000000', '100E'],
  // There is no suffix above E.
  ['1000E', '1e21'],
  ['1500E', '1500E'],
  ['123456789012345678901234567890', '123456789012345678901234567890'],
]

const malformed: readonly string[] = [
  '',
  ' ',
  '.',
  '-',
  '+',
  'm',
  'Ki',
  'e3',
  '.m',
  '--1',
  '+-1',
  '1-',
  ' 1',
  '1 ',
  '1 Gi',
  '1.1.1',
  '1.1.M',
  '1+1.0M',
  '1i',
  '.5i',
  '-3.01i',
  '1mi',
  '1Mii',
  '1ki',
  '1K',
  '1g',
  '1GB',
  '1Gib',
  '1mM',
  '1e',
  '1e+',
  '-3.01e-',
  '1e1.5',
  '1e3Ki',
  '1e401',
  '0x10',
  '1_000',
  '1,5',
  '\u0661',
  'NaN',
  'Infinity',
  'aoeu',
  '1\n',
  '9'.repeat(401),
]

/** Text, in thousandths, in whole units. */
const values: readonly (readonly [string, number, number])[] = [
  ['0', 0, 0],
  ['0.0001', 1, 1],
  ['1n', 1, 1],
  ['100m', 100, 1],
  ['1m', 1, 1],
  ['1.5', 1500, 2],
  ['2', 2000, 2],
  ['1000001u', 1001, 2],
  ['128Mi', 134_217_728_000, 134_217_728],
  ['1.5Gi', 1_610_612_736_000, 1_610_612_736],
  ['0.1M', 100_000_000, 100_000],
  ['-1m', -1, -1],
  ['-1.5', -1500, -2],
  ['-0.0001', -1, -1],
  ['9007199254740991m', max, 9_007_199_254_741],
  ['9007199254740991', max, max],
  ['9007199254740992', max, max],
  ['8Ei', max, max],
  ['-8Ei', -max, -max],
  ['1e300', max, max],
]

const rounded: readonly (readonly [string, string])[] = [
  ['0.0001', '1m'],
  ['1.0001', '1001m'],
  ['-0.0001', '-1m'],
  ['1n', '1m'],
  ['250m', '250m'],
  ['100m', '100m'],
  ['1.0001Ki', '1024103m'],
  ['1e-9', '1e-3'],
  ['1Gi', '1Gi'],
]

describe('parseQuantity and formatQuantity', () => {
  for (const [text, expected] of canonical) {
    test(`${text} is ${expected}`, () => {
      const quantity = parseQuantity(text)
      assert.ok(quantity)
      assert.equal(formatQuantity(quantity), expected)
    })
  }
  for (const text of malformed) {
    test(`${JSON.stringify(text.slice(0, 20))} is malformed`, () => {
      assert.equal(parseQuantity(text), undefined)
    })
  }
})

test('a plain number is taken by its digits', () => {
  const texts = [2, 0.5, -1, 1e21, 1e-7, 0].map((value) => {
    const quantity = parseQuantity(value)
    return quantity && formatQuantity(quantity)
  })
  assert.deepEqual(texts, ['2', '500m', '-1', '1e21', '100e-9', '0'])
  assert.equal(parseQuantity(Number.NaN), undefined)
  assert.equal(parseQuantity(Number.POSITIVE_INFINITY), undefined)
})

function parsed(text: string) {
  const quantity = parseQuantity(text)
  assert.ok(quantity, text)
  return quantity
}

describe('values of quantities', () => {
  for (const [text, milli, whole] of values) {
    test(`${text} is ${milli} thousandths, ${whole} whole`, () => {
      assert.equal(milliValue(parsed(text)), milli)
      assert.equal(wholeValue(parsed(text)), whole)
    })
  }
  for (const [text, expected] of rounded) {
    test(`${text} rounded up to milli is ${expected}`, () => {
      assert.equal(formatQuantity(roundUpToMilli(parsed(text))), expected)
    })
  }
})

describe('sums of quantities', () => {
  const sums = [
    ['1', '500m', '1500m', '500m'],
    ['1Gi', '512Mi', '1536Mi', '512Mi'],
    ['1Gi', '1', '1073741825', '1073741823'],
    ['1', '1Gi', '1073741825', '-1073741823'],
    ['0', '1Gi', '1Gi', '-1Gi'],
    ['0m', '1e3', '1e3', '-1e3'],
    ['1Gi', '1Gi', '2Gi', '0'],
    ['7Ei', '7Ei', '14Ei', '0'],
    ['0.1', '0.2', '300m', '-100m'],
  ] as const
  for (const [a, b, sum, difference] of sums) {
    test(`${a} and ${b}`, () => {
      assert.equal(formatQuantity(addQuantity(parsed(a), parsed(b))), sum)
      assert.equal(formatQuantity(subtractQuantity(parsed(a), parsed(b))), difference)
    })
  }
  test('2^70 keeps the largest binary suffix there is', () => {
    const half = { nano: 2n ** 69n * 1_000_000_000n, form: 'binarySI' } as const
    assert.equal(formatQuantity(addQuantity(half, half)), '1024Ei')
  })
})

test('quantities compare by value, however they are written', () => {
  assert.equal(compareQuantity(parsed('1'), parsed('1000m')), 0)
  assert.equal(compareQuantity(parsed('1Ki'), parsed('1k')), 1)
  assert.equal(compareQuantity(parsed('-1'), parsed('1n')), -1)
  assert.equal(isZero(parsed('0Gi')), true)
  assert.equal(isZero(parsed('1n')), false)
})

describe('printing numbers', () => {
  const cpus = [
    [0, '0'],
    [1, '1m'],
    [250, '250m'],
    [1000, '1'],
    [1500, '1500m'],
    [2_000_000, '2k'],
    [max, '9007199254740991m'],
  ] as const
  for (const [cpu, text] of cpus) {
    test(`${cpu} millicores are ${text}`, () => {
      assert.equal(milliCpuQuantity(milliCpu(cpu)), text)
    })
  }
  const memories = [
    [0, '0'],
    [1000, '1k'],
    [1023, '1023'],
    [1024, '1Ki'],
    [200_000_000, '200000000'],
    [268_435_456, '256Mi'],
    [1_610_612_736, '1536Mi'],
    [max, '9007199254740991'],
  ] as const
  for (const [memory, text] of memories) {
    test(`${memory} bytes are ${text}`, () => {
      assert.equal(bytesQuantity(bytes(memory)), text)
    })
  }
})
