import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseQuantity, wholeValue } from '../quantity/quantity.ts'
import { bytes, type Bytes } from '../units.ts'
import { memoryHigh, roundDownToPage, unlimitedMemory } from './memory.ts'

function bytesIn(text: string): Bytes {
  const quantity = parseQuantity(text)
  assert.ok(quantity)
  return bytes(wholeValue(quantity))
}

const kibi64 = bytes(65_536)

test('a limit is rounded down to whole pages', () => {
  assert.equal(roundDownToPage(bytes(50_000_000)), 49_999_872)
  assert.equal(roundDownToPage(bytes(50_000_000), kibi64), 49_938_432)
  assert.equal(roundDownToPage(bytes(134_217_728)), 134_217_728)
  assert.equal(roundDownToPage(bytes(4095)), 0)
  assert.equal(roundDownToPage(bytes(Number.MAX_SAFE_INTEGER)), 9_007_199_254_736_896)
})

test('no limit is the most whole pages below 2^63', () => {
  assert.equal(unlimitedMemory(), 9_223_372_036_854_771_712n)
  assert.equal(unlimitedMemory(kibi64), 9_223_372_036_854_710_272n)
})

/** Request, limit, allocatable, memory.high. */
const highs: readonly (readonly [string, string, string, number | undefined])[] = [
  ['128Mi', '256Mi', '16Gi', 255_012_864],
  ['0', '256Mi', '16Gi', 241_590_272],
  ['100Mi', '200Mi', '16Gi', 199_229_440],
  ['64Mi', '0', '16Gi', 15_468_593_152],
  ['200000000', '400000000', '16Gi', 379_998_208],
  ['255Mi', '256Mi', '16Gi', 268_328_960],
  ['1Gi', '1073745920', '16Gi', undefined],
  ['256Mi', '256Mi', '16Gi', undefined],
  ['0', '0', '16Gi', undefined],
]

describe('memoryHigh', () => {
  for (const [request, limit, allocatable, expected] of highs) {
    test(`${request} / ${limit} is ${expected}`, () => {
      const high = memoryHigh({
        request: bytesIn(request),
        limit: bytesIn(limit),
        allocatable: bytesIn(allocatable),
      })
      assert.equal(high, expected)
    })
  }
  test('another factor and page', () => {
    const input = { limit: bytesIn('256Mi'), allocatable: bytesIn('1Gi') }
    assert.equal(memoryHigh({ ...input, factor: 0.5, pageSize: kibi64 }), 134_217_728)
  })
})
