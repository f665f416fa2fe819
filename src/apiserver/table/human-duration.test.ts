import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ageAt, humanDuration } from './human-duration.ts'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

const cases: readonly (readonly [number, string])[] = [
  [0, '0s'],
  [-1 * second, '0s'],
  [-2 * second, '<invalid>'],
  [999, '0s'],
  [119 * second, '119s'],
  [120 * second, '2m'],
  [121 * second, '2m1s'],
  [9 * minute + 59 * second, '9m59s'],
  [10 * minute + 1 * second, '10m'],
  [179 * minute, '179m'],
  [180 * minute, '3h'],
  [181 * minute, '3h1m'],
  [7 * hour + 59 * minute, '7h59m'],
  [8 * hour + 59 * minute, '8h'],
  [47 * hour, '47h'],
  [48 * hour, '2d'],
  [49 * hour, '2d1h'],
  [7 * day + 23 * hour, '7d23h'],
  [8 * day + 1 * hour, '8d'],
  [729 * day, '729d'],
  [730 * day, '2y'],
  [731 * day, '2y1d'],
  [8 * 365 * day + day, '8y'],
]
for (const [duration, wanted] of cases) {
  test(`${duration} ms is ${wanted}`, () => assert.equal(humanDuration(duration), wanted))
}

test('an age is told from a time', () => {
  const now = Date.parse('2026-01-01T00:01:00Z')
  assert.equal(ageAt(now, '2026-01-01T00:00:00Z'), '60s')
  assert.equal(ageAt(now, undefined), '<unknown>')
  assert.equal(ageAt(now, null), '<unknown>')
  assert.equal(ageAt(now, 'x'), '<unknown>')
})
