import assert from 'node:assert/strict'
import { test } from 'node:test'
import { podLabels } from './pod-labels.ts'

const refs = [
  { namespace: 'shop', name: 'web' },
  { namespace: 'shop', name: 'db' },
]

test('pods of one namespace go by their names, pods of several by both', () => {
  assert.deepEqual(refs.map(podLabels(refs)), ['web', 'db'])
  const more = [...refs, { namespace: 'test', name: 'web' }]
  assert.deepEqual(more.map(podLabels(more)), ['shop/web', 'shop/db', 'test/web'])
})
