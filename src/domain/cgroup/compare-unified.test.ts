import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareUnified } from './compare-unified.ts'

test('only what was read and is something else is told, as the kernel keeps it', () => {
  const expected = {
    'memory.oom.group': '1',
    'memory.low': '100000',
    'memory.min': '0',
    'memory.high': 'max',
    'memory.swap.max': '0',
  }
  const kept = { ...expected, 'memory.low': '98304' }
  assert.deepEqual(compareUnified(expected, kept), [])
  assert.deepEqual(compareUnified(expected, {}), [])
  assert.deepEqual(compareUnified(expected, { ...kept, 'memory.oom.group': '0' }), [
    { file: 'memory.oom.group', expected: ['1'], found: '0' },
  ])
  assert.deepEqual(compareUnified(expected, { 'memory.low': '0', 'memory.high': '4096' }), [
    { file: 'memory.low', expected: ['98304'], found: '0' },
    { file: 'memory.high', expected: ['max'], found: '4096' },
  ])
})
