import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod, ResourceList } from '../../pod.ts'
import { forecastResize, roomFor } from './forecast.ts'

const node = { allocatable: { cpu: '2', memory: '4Gi', pods: '10' } }

function pod(name: string, requests: ResourceList, allocated: ResourceList = requests): Pod {
  return {
    metadata: { name, namespace: 'shop', uid: name },
    spec: { nodeName: 'n', containers: [{ name: 'c', resources: { requests } }] },
    status: {
      phase: 'Running',
      containerStatuses: [
        {
          name: 'c',
          ready: true,
          restartCount: 0,
          image: '',
          imageID: '',
          state: { running: {} },
          allocatedResources: allocated,
          resources: { requests: allocated },
        },
      ],
    },
  }
}

function forecast(cpu: string, others: readonly Pod[]) {
  const now = pod('web', { cpu: '100m' })
  const wanted = { ...now, spec: pod('web', { cpu }).spec }
  return forecastResize({ pod: now, wanted, others, node, version: '1.36' })
}

test('a size that fits beside the others is accepted', () => {
  assert.deepEqual(forecast('1500m', [pod('db', { cpu: '500m' })]), { kind: 'accepted' })
})

test('a size that must wait names who holds the room, the one that is enough alone first', () => {
  const others = [
    pod('big', { cpu: '900m' }),
    pod('small', { cpu: '200m' }),
    pod('mid', { cpu: '400m' }),
  ]
  const verdict = forecast('800m', others)
  assert.equal(verdict.kind, 'deferred')
  assert.equal(
    verdict.message,
    "Node didn't have enough resource: cpu, requested: 800, used: 1500, capacity: 2000",
  )
  assert.deepEqual(
    verdict.holders.map(({ name, holds, enough }) => `${name} ${holds} ${enough}`),
    ['mid 400 true', 'big 900 true', 'small 200 false'],
  )
})

test('a pod-level resize that waits holds what was allocated, not what it asks for', () => {
  const waiting = (overhead?: ResourceList): Pod => {
    const { spec, status, ...rest } = pod('waiting', { cpu: '100m' })
    const resources = { requests: { cpu: '1900m' } }
    const allocatedResources = { cpu: overhead ? '600m' : '500m', memory: '1Gi' }
    return {
      ...rest,
      spec: { ...spec, resources, ...(overhead && { overhead }) },
      status: { ...status, allocatedResources },
    }
  }
  assert.deepEqual(forecast('1500m', [waiting()]), { kind: 'accepted' })
  assert.deepEqual(forecast('1400m', [waiting({ cpu: '100m' })]), { kind: 'accepted' })
  assert.equal(forecast('1501m', [waiting()]).kind, 'deferred')
})

test('pods that have ended hold nothing; one that has not shrunk yet holds what it has', () => {
  const ended = (name: string, phase: string): Pod => ({
    ...pod(name, { cpu: '900m' }),
    status: { phase },
  })
  const shrinking = pod('shrinking', { cpu: '100m' })
  const [status] = shrinking.status?.containerStatuses ?? []
  assert.ok(status)
  const actual = { ...status, resources: { requests: { cpu: '1500m' } } }
  const verdict = forecast('800m', [
    ended('job', 'Succeeded'),
    ended('crash', 'Failed'),
    { ...shrinking, status: { ...shrinking.status, containerStatuses: [actual] } },
  ])
  assert.equal(verdict.kind, 'deferred')
  assert.deepEqual(verdict.holders, [
    { namespace: 'shop', name: 'shrinking', holds: 1500, enough: true },
  ])
})

test('a size beyond the node is infeasible', () => {
  const verdict = forecast('3', [])
  assert.deepEqual(verdict, {
    kind: 'infeasible',
    rule: 'NodeCapacity',
    message:
      "node didn't have enough allocatable resources: cpu, requested: 3000, allocatable: 2000",
  })
})

test('what another pod only asks for takes no room yet', () => {
  const waiting = pod('waiting', { cpu: '1900m' }, { cpu: '100m' })
  assert.deepEqual(forecast('1800m', [waiting]), { kind: 'accepted' })
  assert.deepEqual(roomFor([waiting], node), { cpu: 1900, memory: 4 * 2 ** 30 })
})
