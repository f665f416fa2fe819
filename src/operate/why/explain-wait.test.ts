import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runningPod, settledStatus } from '../../../test/support/fake-pod-api.ts'
import type { Container, Pod, PodCondition } from '../../domain/pod.ts'
import { bytes } from '../../domain/units.ts'
import type { CgroupLook } from '../cgroups/cgroup-look.ts'
import { explainWait } from './explain-wait.ts'

const small = { requests: { cpu: '250m', memory: '64Mi' }, limits: { cpu: '500m', memory: '64Mi' } }
const huge = { requests: { cpu: '1900m', memory: '64Mi' }, limits: { cpu: '2', memory: '64Mi' } }

const allocatable = { cpu: '2', memory: '1Gi', pods: '9' }

/** A pod that asks for `huge` and has `small`. */
function waiting(condition: Partial<PodCondition>): Pod {
  const pod = runningPod(huge)
  const lastTransitionTime = '2026-01-31T12:00:05Z'
  const conditions = [
    { type: 'PodResizePending', status: 'True', lastTransitionTime, ...condition },
  ]
  return { ...pod, status: { ...settledStatus(small, 1), conditions } }
}

const elsewhere: CgroupLook = { kind: 'unseen', why: 'it is elsewhere' }

function explain(pod: Pod, others: readonly Pod[], look = elsewhere) {
  return explainWait({
    pod,
    look,
    node: {
      kind: 'seen',
      seen: { name: 'n1', node: { allocatable }, kubelet: {}, pods: [pod, ...others] },
    },
    events: {
      kind: 'seen',
      events: [
        {
          at: '2026-01-31T12:00:04Z',
          type: 'Warning',
          reason: 'ResizeDeferred',
          message: 'm',
          count: 2,
          source: 'kubelet',
        },
        {
          at: '2026-01-31T12:00:00Z',
          type: 'Normal',
          reason: 'Pulled',
          message: 'm',
          count: 1,
          source: 'kubelet',
        },
      ],
    },
    version: '1.36',
  })
}

test('explainWait() names who holds the room and what would make it', () => {
  const others = [runningPod(small, {}, 'db'), runningPod(small, {}, 'api')]
  const { now, next, timeline } = explain(
    waiting({ reason: 'Deferred', message: 'no room' }),
    others,
  )
  assert.equal(now?.kind, 'deferred')
  assert.deepEqual(next, [
    '400m cpu is missing on the node',
    'or ask for at most 1500m cpu for the whole pod',
    'or give it up: podfit resize web -n default -c app --cpu 250m:500m --memory 64Mi:64Mi',
  ])
  assert.deepEqual(timeline, [
    { at: '2026-01-31T12:00:04Z', source: 'kubelet', what: 'ResizeDeferred: m (2 times)' },
    {
      at: '2026-01-31T12:00:05Z',
      source: 'condition',
      what: 'PodResizePending: Deferred: no room',
    },
    { source: 'kernel', what: 'it is elsewhere' },
  ])
})

test('explainWait() sees that there is room by now', () => {
  const { next } = explain(waiting({ reason: 'Deferred', message: 'no room' }), [])
  assert.equal(next[0], 'there is room now: the node takes it at its next try')
})

test('explainWait() tells the bound of a resize that is infeasible, and how to give it up', () => {
  const { requests } = huge
  const pod = waiting({ reason: 'Infeasible', message: 'too much' })
  const more = {
    ...huge,
    requests: { ...requests, cpu: '3' },
    limits: { ...huge.limits, cpu: '3' },
  }
  const [container] = pod.spec.containers
  assert.ok(container)
  const spec = { ...pod.spec, containers: [{ ...container, resources: more }] }
  const { next } = explain({ ...pod, spec }, [])
  assert.equal(next[0], 'ask for at most 2 cpu: the node has no more')
  assert.match(next[1] ?? '', /^or give it up: podfit resize web /)
})

test('explainWait() has only the giving up for what no size of the node explains', () => {
  const message = 'In-place resize of Guaranteed Pods is not supported with the static policy'
  const { next } = explain(waiting({ reason: 'Infeasible', message }), [])
  assert.equal(next.length, 1)
  assert.match(next[0] ?? '', /^give it up: podfit resize web /)
})

test("explainWait() classifies the runtime's error", () => {
  const message =
    'cannot decrease memory limits: attempting to set memory limit below current usage'
  const pod = waiting({ type: 'PodResizeInProgress', reason: 'Error', message })
  const { error, next } = explain(pod, [])
  assert.equal(error?.outlook, 'conditional')
  assert.match(next[0] ?? '', /^free memory inside the container/)
})

test('explainWait() gives up what failed by asking for what the container has, though more is granted', () => {
  const failed = waiting({ type: 'PodResizeInProgress', reason: 'Error', message: 'no' })
  const [status] = failed.status?.containerStatuses ?? []
  assert.ok(status)
  const containerStatuses = [{ ...status, allocatedResources: huge.requests }]
  const pod = { ...failed, status: { ...failed.status, containerStatuses } }
  const { next } = explain(pod, [])
  const giveUp =
    'or give it up: podfit resize web -n default -c app --cpu 250m:500m --memory 64Mi:64Mi'
  assert.equal(next.at(-1), giveUp)
})

test('explainWait() of a settled pod has nothing to say', () => {
  const { next, now, error } = explain(runningPod(small), [])
  assert.deepEqual([now, error], [undefined, undefined])
  assert.deepEqual(next, [])
})

test('explainWait() tells how to give up a size of the pod itself', () => {
  const pod = runningPod({})
  const conditions = [{ type: 'PodResizePending', status: 'True', reason: 'Deferred' }]
  const waits = {
    ...pod,
    spec: { ...pod.spec, resources: { requests: { cpu: '1900m' }, limits: { cpu: '3' } } },
    status: {
      ...pod.status,
      conditions,
      allocatedResources: { cpu: '250m', memory: '0' },
      resources: { requests: { cpu: '244m' }, limits: { cpu: '500m' } },
    },
  }
  const giveUp = 'or give it up: podfit resize web -n default --pod-level --cpu 250m:500m'
  assert.equal(explain(waits, []).next.at(-1), giveUp)
})

test('explainWait() names memory in use where the node only says that it is at work, as before 1.33', () => {
  const large = { ...small, limits: { cpu: '500m', memory: '128Mi' } }
  const condition = { type: 'PodResizeInProgress', status: 'True' }
  const status = { ...settledStatus(large, 1), conditions: [condition] }
  const at = (memoryLimit: number): CgroupLook => {
    const reading = { memoryLimit: bytes(memoryLimit) }
    const sight = { kind: 'read', path: '/a', reading } as const
    const place = { source: 'a test', version: 'v1', pageSize: 4096 } as const
    return { kind: 'seen', ...place, pod: sight, containers: { app: sight } }
  }
  const nextAt = (mebi: number, extra: Partial<Container> = {}) =>
    explain({ ...runningPod(small, extra), status }, [], at(mebi * 2 ** 20)).next
  assert.equal(nextAt(128).length, 2)
  assert.match(
    nextAt(128)[0] ?? '',
    /larger memory limit of app: it comes down once less is in use/,
  )
  assert.equal(nextAt(64).length, 1)
  const restarting = { resourceName: 'memory', restartPolicy: 'RestartContainer' } as const
  assert.equal(nextAt(128, { resizePolicy: [restarting] }).length, 1)
})
