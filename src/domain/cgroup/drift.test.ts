import assert from 'node:assert/strict'
import { test } from 'node:test'
import { driftMessage } from './drift.ts'

test('a message of drift names each file with what was expected and what was found', () => {
  const message = driftMessage('container app', [
    { file: 'cpu.max', expected: ['20000 100000'], found: 'max 100000' },
    { file: 'cpu.weight', expected: ['4', '17'], found: '100' },
  ])
  assert.equal(
    message,
    'Somebody changed the cgroup of container app: cpu.max is "max 100000", not "20000 100000"; ' +
      'cpu.weight is "100", not "4" or "17"',
  )
})
