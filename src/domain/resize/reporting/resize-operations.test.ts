import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PodSpec, ResourceRequirements } from '../../pod.ts'
import { resizeOperations } from './resize-operations.ts'

const spec = (resources: ResourceRequirements): PodSpec => ({
  containers: [{ name: 'a', resources }],
})

test('one entry for each value that changes, by what becomes of it', () => {
  const before = spec({ requests: { cpu: '500m', memory: '64Mi' }, limits: { memory: '128Mi' } })
  const after = spec({
    requests: { cpu: '0.5', memory: '32Mi' },
    limits: { cpu: '1', memory: '256Mi' },
  })
  assert.deepEqual(resizeOperations(before, after), [
    { resource: 'cpu', requirement: 'limits', operation: 'add' },
    { resource: 'memory', requirement: 'requests', operation: 'decrease' },
    { resource: 'memory', requirement: 'limits', operation: 'increase' },
  ])
  assert.deepEqual(resizeOperations(after, spec({ requests: { cpu: '1', memory: '32Mi' } })), [
    { resource: 'cpu', requirement: 'requests', operation: 'increase' },
    { resource: 'cpu', requirement: 'limits', operation: 'remove' },
    { resource: 'memory', requirement: 'limits', operation: 'remove' },
  ])
  assert.deepEqual(resizeOperations(before, before), [])
})
