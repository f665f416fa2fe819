import assert from 'node:assert/strict'
import { test } from 'node:test'
import { waveSize } from './wave.ts'

test('waveSize() takes a number of pods or a share of them', () => {
  assert.deepEqual(
    ['1', '3', '20%', '100%', '1%'].map((text) => waveSize(text, 12)),
    [1, 3, 3, 12, 1],
  )
  for (const text of ['0', '0%', '101%', '-1', '1.5', 'all', '']) {
    assert.throws(() => waveSize(text, 12), /Cannot go in waves of/)
  }
})
