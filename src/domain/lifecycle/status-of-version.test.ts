import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PodStatus } from '../pod.ts'
import { kubeVersions, type KubeVersion } from '../kube-version.ts'
import { statusOfVersion } from './status-of-version.ts'

const ready = { type: 'Ready', status: 'True', observedGeneration: 3 }
const pending = { type: 'PodResizePending', status: 'True', reason: 'Deferred' }
const progress = { type: 'PodResizeInProgress', status: 'True', observedGeneration: 3 }
const containerStatuses = [{ name: 'a', allocatedResources: { cpu: '1' }, resources: {} }]
const status = {
  observedGeneration: 3,
  conditions: [ready, progress],
  containerStatuses,
} as unknown as PodStatus

test('sizes of the whole pod came last', () => {
  const whole = {
    ...status,
    resources: { requests: { cpu: '1' } },
    allocatedResources: { cpu: '1' },
  }
  assert.equal(statusOfVersion(whole, '1.36'), whole)
  for (const version of ['1.34', '1.35'] as const) {
    assert.deepEqual(statusOfVersion(whole, version), status)
  }
})

test('1.33 has the conditions, and counts no generations', () => {
  assert.deepEqual(statusOfVersion(status, '1.33'), {
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'PodResizeInProgress', status: 'True' },
    ],
    containerStatuses,
  })
})

for (const version of kubeVersions.slice(0, 6)) {
  test(`${version} tells of a resize in one word`, () => {
    const old = statusOfVersion(status, version)
    assert.equal(old.resize, 'InProgress')
    assert.deepEqual(old.conditions, [{ type: 'Ready', status: 'True' }])
    const allocated = old.containerStatuses?.[0]?.allocatedResources
    assert.deepEqual(allocated, version === '1.32' ? undefined : { cpu: '1' })
    const both = { ...status, conditions: [progress, pending] }
    assert.equal(statusOfVersion(both, version).resize, 'Deferred')
    assert.equal(statusOfVersion({ ...status, conditions: [ready] }, version).resize, '')
  })
}

/** What each version tells of a resize that is under way: a row for those that tell the same. */
const told: readonly (readonly [readonly KubeVersion[], readonly string[]])[] = [
  [
    ['1.27', '1.28', '1.29', '1.30', '1.31'],
    ['word', 'allocated'],
  ],
  [['1.32'], ['word']],
  [['1.33'], ['condition', 'allocated']],
  [
    ['1.34', '1.35'],
    ['condition', 'allocated', 'generation'],
  ],
  [['1.36'], ['condition', 'allocated', 'generation', 'pod level']],
]

test('every version tells what it told (3.1)', () => {
  const whole = { ...status, resources: {}, allocatedResources: { cpu: '1' } }
  const found = kubeVersions.map((version) => {
    const seen = statusOfVersion(whole, version)
    const progressing = seen.conditions?.find(({ type }) => type === 'PodResizeInProgress')
    const facts = {
      word: seen.resize === 'InProgress',
      condition: progressing !== undefined,
      allocated: seen.containerStatuses?.[0]?.allocatedResources !== undefined,
      generation: seen.observedGeneration === 3 && progressing?.observedGeneration === 3,
      'pod level': seen.allocatedResources !== undefined,
    }
    return [version, Object.entries(facts).flatMap(([name, holds]) => (holds ? [name] : []))]
  })
  assert.deepEqual(
    found,
    told.flatMap(([versions, facts]) => versions.map((version) => [version, facts])),
  )
})
