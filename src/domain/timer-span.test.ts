import assert from 'node:assert/strict'
import { test } from 'node:test'
import { longestTimerMs, timerSpan } from './timer-span.ts'

test('a timer is never shorter than none, nor longer than Node.js can keep', () => {
  assert.deepEqual([-1000, 0, 0.2, 1500, 3e9].map(timerSpan), [0, 0, 1, 1500, longestTimerMs])
})
