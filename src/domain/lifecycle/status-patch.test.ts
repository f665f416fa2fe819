import assert from 'node:assert/strict'
import { test } from 'node:test'
import { statusPatch } from './status-patch.ts'

const ready = { type: 'Ready', status: 'True' }
const pending = { type: 'PodResizePending', status: 'True', reason: 'Deferred', message: 'm' }

test('the same status needs no patch', () => {
  assert.equal(
    statusPatch(
      { phase: 'Running', conditions: [ready] },
      { phase: 'Running', conditions: [ready] },
    ),
    undefined,
  )
})

test('only what changed is sent', () => {
  const before = { phase: 'Pending', hostIP: '10.0.0.1', conditions: [ready] }
  assert.deepEqual(statusPatch(before, { ...before, phase: 'Running' }), { phase: 'Running' })
})

test('a condition that is gone is deleted by its type', () => {
  assert.deepEqual(statusPatch({ conditions: [ready, pending] }, { conditions: [ready] }), {
    conditions: [{ $patch: 'delete', type: 'PodResizePending' }],
  })
})

test('a field that a condition lost is set to null', () => {
  const bare = { type: 'PodResizePending', status: 'True' }
  assert.deepEqual(statusPatch({ conditions: [pending] }, { conditions: [bare] }), {
    conditions: [{ reason: null, message: null, ...bare }],
  })
})

test('an address that is gone is deleted, since addresses merge', () => {
  const [old, now] = [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }]
  assert.deepEqual(statusPatch({ podIPs: [old] }, { podIPs: [now] }), {
    podIPs: [now, { $patch: 'delete', ...old }],
  })
})

test('an amount that is gone is set to null, since maps merge', () => {
  const before = { resources: { limits: { cpu: '1', memory: '1Gi' } } }
  assert.deepEqual(statusPatch(before, { resources: { limits: { cpu: '1' } } }), {
    resources: { limits: { memory: null, cpu: '1' } },
  })
})

test('a first status is sent whole', () => {
  const status = { phase: 'Pending', conditions: [ready] }
  assert.deepEqual(statusPatch(undefined, status), status)
})
