import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatMilliseconds, parseDuration } from './duration.ts'

test('parseDuration() reads what kubectl takes', () => {
  const cases: [string, number][] = [
    ['0', 0],
    ['60s', 60_000],
    ['1m30s', 90_000],
    ['500ms', 500],
    ['1.5h', 5_400_000],
    ['+.5s', 500],
    ['250us', 0.25],
  ]
  for (const [text, ms] of cases) assert.equal(parseDuration(text), ms, text)
  for (const text of ['', '60', 's', '1x', '-5s', '1m 30s', 'soon']) {
    assert.throws(() => parseDuration(text), /a duration is written like 30s/, text)
  }
})

test('formatMilliseconds() keeps three figures', () => {
  assert.equal(formatMilliseconds(43.6), '44 ms')
  assert.equal(formatMilliseconds(999.4), '999 ms')
  assert.equal(formatMilliseconds(999.5), '1.00 s')
  assert.equal(formatMilliseconds(1250), '1.25 s')
  assert.equal(formatMilliseconds(12_340), '12.3 s')
  assert.equal(formatMilliseconds(65_000), '1m 5s')
})
