import assert from 'node:assert/strict'
import { test } from 'node:test'
import { retryDelayMs } from './retry-delay.ts'

const delays = (outlook: Parameters<typeof retryDelayMs>[0], random: number): readonly number[] =>
  [0, 1, 2, 10].map((failures) => retryDelayMs(outlook, failures, () => random))

test('what goes away by itself is tried again soon, what is unknown in seconds, the rest seldom', () => {
  assert.deepEqual(delays('transient', 0), [100, 200, 400, 15_000])
  assert.deepEqual(delays('conditional', 0), [100, 200, 400, 15_000])
  assert.deepEqual(delays('unknown', 0), [1000, 2000, 4000, 15_000])
  assert.deepEqual(delays('permanent', 0), [15_000, 30_000, 60_000, 120_000])
})

test('chance adds up to a half', () => {
  assert.deepEqual(delays('transient', 0.5), [125, 250, 500, 18_750])
  assert.deepEqual(delays('transient', 1), [150, 300, 600, 22_500])
})
