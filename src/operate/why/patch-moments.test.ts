import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runningPod } from '../../../test/support/fake-pod-api.ts'
import type { ManagedFields, Pod } from '../../domain/pod.ts'
import { patchMoments } from './patch-moments.ts'

const creationTimestamp = '2026-01-31T12:00:00Z'
const sizes = { 'f:spec': { 'f:containers': { 'k:{"name":"app"}': { 'f:resources': {} } } } }

function pod(...managedFields: readonly ManagedFields[]): Pod {
  const plain = runningPod({})
  return { ...plain, metadata: { ...plain.metadata, creationTimestamp, managedFields } }
}

function told(...managedFields: readonly ManagedFields[]): readonly string[] {
  return patchMoments(pod(...managedFields), []).map(({ source }) => source)
}

test('patchMoments() knows a resize by its subresource', () => {
  assert.deepEqual(
    told(
      { manager: 'vpa', time: '2026-01-31T12:01:00Z', subresource: 'resize' },
      { manager: 'kubelet', time: '2026-01-31T12:02:00Z', subresource: 'status', fieldsV1: sizes },
    ),
    ['vpa'],
  )
})

test('patchMoments() knows one before 1.32 by the fields that somebody wrote after the creation', () => {
  const later = '2026-01-31T12:03:00Z'
  assert.deepEqual(
    told(
      { manager: 'kubectl-create', time: creationTimestamp, fieldsV1: sizes },
      { manager: 'kubectl-label', time: later, fieldsV1: { 'f:metadata': {} } },
      { manager: 'kubectl-patch', time: later, fieldsV1: sizes },
    ),
    ['kubectl-patch'],
  )
})

test("patchMoments() tells podfit's own request once, as its journal has it", () => {
  const own = { at: '2026-01-31T12:01:00.700Z', source: 'podfit', what: 'asked for cpu 1 → 2' }
  const once = { manager: 'podfit', time: '2026-01-31T12:01:01Z', subresource: 'resize' }
  const another = { ...once, time: '2026-01-31T12:05:00Z' }
  const what = 'asked for a size (pods/resize)'
  assert.deepEqual(patchMoments(pod(once, another), [own]), [
    own,
    { at: another.time, source: 'podfit', what },
  ])
})
