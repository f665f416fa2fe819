import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ContainerStatus, Pod, PodStatus, ResourceRequirements } from '../../pod.ts'
import { resizeState, type ResizeState } from './state.ts'
import { unreportedContainers, unsettledContainers } from './unsettled-containers.ts'

const desired = {
  requests: { cpu: '500m', memory: '1Gi' },
  limits: { cpu: '1', memory: '1Gi' },
}
const older = {
  requests: { cpu: '250m', memory: '1Gi' },
  limits: { cpu: '1', memory: '1Gi' },
}
const since = '2026-01-01T00:00:00Z'

function container(resources: ResourceRequirements, running = true): ContainerStatus {
  return {
    name: 'a',
    ready: true,
    restartCount: 0,
    image: '',
    imageID: '',
    state: running ? { running: {} } : { waiting: { reason: 'CrashLoopBackOff' } },
    resources,
  }
}

const has = (resources: ResourceRequirements) => ({ containerStatuses: [container(resources)] })

function condition(type: string, reason?: string, message?: string, observedGeneration = 2) {
  return {
    type,
    status: 'True',
    ...(reason ? { reason } : {}),
    ...(message ? { message } : {}),
    lastTransitionTime: since,
    observedGeneration,
  }
}

const pending = (reason: string, generation?: number) =>
  condition('PodResizePending', reason, 'no room', generation)
const progress = condition('PodResizeInProgress')
const failure = condition('PodResizeInProgress', 'Error', 'boom')

function podWith(status: PodStatus, more: Partial<Pod['spec']> = {}, generation = 2): Pod {
  return {
    metadata: { name: 'web', ...(generation > 0 ? { generation } : {}) },
    spec: { nodeName: 'n', containers: [{ name: 'a', resources: desired }], ...more },
    status,
  }
}

const seen = { observedGeneration: 2 }

/** As a kubelet without the feature gate reports a running container. */
const silent: PodStatus = { containerStatuses: [silentContainer()] }

function silentContainer(): ContainerStatus {
  const { resources: _resources, ...status } = container(desired)
  return status
}

const cases: readonly (readonly [string, Pod, ResizeState])[] = [
  ['all three hold', podWith({ ...seen, ...has(desired) }), { kind: 'settled' }],
  [
    'equal by value',
    podWith({
      ...seen,
      ...has({
        requests: { cpu: '0.5', memory: '1024Mi' },
        limits: { cpu: '1000m', memory: '1Gi' },
      }),
    }),
    { kind: 'settled' },
  ],
  [
    'not observed yet, although nothing else is missing',
    podWith({ observedGeneration: 1, ...has(desired) }),
    { kind: 'notYetObserved' },
  ],
  [
    'a verdict on an older spec',
    podWith({ ...seen, ...has(older), conditions: [pending('Infeasible', 1)] }),
    { kind: 'notYetObserved' },
  ],
  [
    'deferred',
    podWith({ ...seen, ...has(older), conditions: [pending('Deferred')] }),
    { kind: 'deferred', message: 'no room', since, earlierInProgress: false },
  ],
  [
    'deferred while an earlier one is under way',
    podWith({ ...seen, ...has(older), conditions: [progress, pending('Deferred')] }),
    { kind: 'deferred', message: 'no room', since, earlierInProgress: true },
  ],
  [
    'infeasible',
    podWith({ ...seen, ...has(older), conditions: [pending('Infeasible')] }),
    { kind: 'infeasible', message: 'no room', since, earlierInProgress: false },
  ],
  [
    'in progress',
    podWith({ ...seen, ...has(older), conditions: [progress] }),
    { kind: 'inProgress', since },
  ],
  [
    'in progress, although the status shows it already',
    podWith({ ...seen, ...has(desired), conditions: [progress] }),
    { kind: 'inProgress', since },
  ],
  [
    'failed',
    podWith({ ...seen, ...has(older), conditions: [failure] }),
    { kind: 'failed', message: 'boom', since },
  ],
  [
    'observed without conditions, but the status does not show it',
    podWith({ ...seen, ...has(older) }),
    { kind: 'inProgress' },
  ],
  [
    'a container that does not run gets it when it starts',
    podWith({ ...seen, containerStatuses: [container(older, false)] }),
    { kind: 'settled' },
  ],
  ['1.33 keeps no observed generation', podWith(has(desired)), { kind: 'settled' }],
  ['1.33, right after the request', podWith(has(older)), { kind: 'notYetObserved' }],
  [
    '1.33, in progress',
    podWith({ ...has(older), conditions: [progress] }),
    { kind: 'inProgress', since },
  ],
  [
    'no node yet',
    { ...podWith({}), spec: { containers: [{ name: 'a', resources: desired }] } },
    { kind: 'settled' },
  ],
  ['1.27 settled', podWith(has(desired), {}, 0), { kind: 'settled' }],
  ['1.27 before anybody saw it', podWith(has(older), {}, 0), { kind: 'notYetObserved' }],
  [
    'a kubelet that reports no sizes, on an old server',
    podWith(silent, {}, 0),
    { kind: 'settled' },
  ],
  ['a kubelet that reports no sizes, on a new server', podWith(silent), { kind: 'settled' }],
  ...(
    [
      ['Proposed', { kind: 'notYetObserved' }],
      ['InProgress', { kind: 'inProgress' }],
      ['Deferred', { kind: 'deferred', message: '', earlierInProgress: false }],
      ['Infeasible', { kind: 'infeasible', message: '', earlierInProgress: false }],
    ] as const
  ).map(
    ([resize, state]) =>
      [`1.27 ${resize}`, podWith({ ...has(older), resize }, {}, 0), state] as const,
  ),
]

describe('state of a resize (3.8)', () => {
  for (const [name, pod, expected] of cases) {
    test(name, () => assert.deepEqual(resizeState(pod), expected))
  }

  test('a picture from before the request', () => {
    const pod = podWith({ ...seen, ...has(desired) })
    assert.deepEqual(resizeState(pod, 3), { kind: 'notYetObserved' })
    assert.deepEqual(resizeState(pod, 2), { kind: 'settled' })
  })
})

test('only what the spec names is compared', () => {
  const pod = podWith(
    { ...seen, ...has(desired) },
    {
      containers: [{ name: 'a', resources: { requests: { cpu: '500m' } } }],
    },
  )
  assert.deepEqual(unsettledContainers(pod), [])
})

test('sidecars and init containers that run are compared, too', () => {
  const sidecar = { name: 's', restartPolicy: 'Always', resources: desired }
  const pod = podWith(
    { ...seen, ...has(desired), initContainerStatuses: [{ ...container(older), name: 's' }] },
    { initContainers: [sidecar] },
  )
  assert.deepEqual(unsettledContainers(pod), ['s'])
})

test('a container without a size in its spec has nothing to report', () => {
  assert.deepEqual(unreportedContainers(podWith(silent)), ['a'])
  assert.deepEqual(unreportedContainers(podWith(silent, { containers: [{ name: 'a' }] })), [])
  const { state: _running, ...ended } = silentContainer()
  assert.deepEqual(unreportedContainers(podWith({ containerStatuses: [ended] })), [])
})
