import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod, PodStatus, ResourceRequirements } from '../../pod.ts'
import { recoveredAllocation } from './recovered-allocation.ts'

function size(request: string, limit?: string): ResourceRequirements {
  return { requests: { cpu: request }, ...(limit && { limits: { cpu: limit } }) }
}

/** A pod that asks for 500m, limit 1, and shows what it has. */
function pod(shown: ResourceRequirements, status: PodStatus, promised = shown.requests): Pod {
  const spec = { containers: [{ name: 'a', resources: size('500m', '1') }] }
  const containerStatuses = [{ name: 'a', resources: shown, allocatedResources: promised }]
  return {
    metadata: { name: 'p', generation: 2 },
    spec,
    status: { observedGeneration: 2, ...status, containerStatuses },
  } as unknown as Pod
}

const deferred = {
  conditions: [{ type: 'PodResizePending', status: 'True', reason: 'Deferred' }],
} as PodStatus

const cases: readonly [what: string, pod: Pod, expected: ResourceRequirements][] = [
  ['nothing is pending', pod(size('500m', '1'), {}), size('500m', '1')],
  ['an update was under way', pod(size('200m', '400m'), {}, { cpu: '0.5' }), size('500m', '1')],
  ['deferred', pod(size('200m', '400m'), deferred), size('200m', '400m')],
  ['deferred by its word', pod(size('200m', '400m'), { resize: 'Deferred' }), size('200m', '400m')],
  [
    'the newest size was not looked at',
    pod(size('200m', '400m'), { observedGeneration: 1 }),
    size('200m', '400m'),
  ],
  ['a limit that was to be added is not there', pod(size('200m'), deferred), size('200m')],
  [
    'deferred behind an update that was under way',
    pod(size('100m', '200m'), deferred, { cpu: '300m' }),
    size('300m', '300m'),
  ],
  [
    'a Guaranteed pod keeps its class',
    pod(size('400m', '400m'), { ...deferred, qosClass: 'Guaranteed' }, { cpu: '300m' }),
    size('300m', '300m'),
  ],
]

for (const [what, given, expected] of cases) {
  test(`what was promised: ${what}`, () => {
    assert.deepEqual(recoveredAllocation(given).containers['a'], expected)
  })
}

test('a pod that was never told of was promised what it asks for', () => {
  const { status: _status, ...unknown } = pod({}, deferred)
  assert.deepEqual(recoveredAllocation(unknown).containers['a'], size('500m', '1'))
})

test("a pod's own size is what its status shows of it", () => {
  const { spec, status, ...rest } = pod(size('100m', '200m'), deferred)
  const given = {
    ...rest,
    spec: { ...spec, resources: { requests: { cpu: '2' }, limits: { memory: '1Gi' } } },
    status: {
      ...status,
      allocatedResources: { cpu: '1', memory: '64Mi' },
      resources: { limits: { cpu: '3', memory: '512Mi' } },
    },
  } as Pod
  assert.deepEqual(recoveredAllocation(given).pod, {
    requests: { cpu: '1' },
    limits: { memory: '512Mi' },
  })
})
