import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseGoDuration } from './go-duration.ts'

test('parseGoDuration() reads what Go reads', () => {
  const cases = {
    '0': 0,
    '+0': 0,
    '5s': 5000,
    '1m30s': 90_000,
    '1.5h': 5_400_000,
    '.5s': 500,
    '5.s': 5000,
    '-250ms': -250,
    '1h1us': 3_600_000.001,
  }
  for (const [text, ms] of Object.entries(cases)) {
    assert.deepEqual(parseGoDuration(text), { kind: 'duration', ms }, text)
  }
})

test('parseGoDuration() refuses in the words of Go', () => {
  const cases = {
    '': 'time: invalid duration ""',
    invalid: 'time: invalid duration "invalid"',
    '-': 'time: invalid duration "-"',
    '.s': 'time: invalid duration ".s"',
    '10': 'time: missing unit in duration "10"',
    '1s1': 'time: missing unit in duration "1s1"',
    '1.2.3s': 'time: missing unit in duration "1.2.3s"',
    '3d': 'time: unknown unit "d" in duration "3d"',
    '1 s': 'time: unknown unit " s" in duration "1 s"',
    '9999999999h': 'time: invalid duration "9999999999h"',
  }
  for (const [text, message] of Object.entries(cases)) {
    assert.deepEqual(parseGoDuration(text), { kind: 'invalid', message }, text)
  }
})
