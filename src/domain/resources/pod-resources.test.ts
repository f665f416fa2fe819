import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Container, PodSpec, ResourceList } from '../pod.ts'
import {
  allocationOf,
  containersTotal,
  effectiveSize,
  podLimits,
  podRequests,
  podSize,
  withAllocated,
  type QuantityList,
} from './pod-resources.ts'
import { formatQuantity } from '../quantity/quantity.ts'

type Lists = readonly [requests?: ResourceList, limits?: ResourceList]

function container(name: string, ...[requests, limits]: Lists): Container {
  return { name, resources: { ...(requests && { requests }), ...(limits && { limits }) } }
}

function sidecar(name: string, ...lists: Lists): Container {
  return { ...container(name, ...lists), restartPolicy: 'Always' }
}

function texts(list: QuantityList): ResourceList {
  return Object.fromEntries(
    Object.entries(list).map(([name, quantity]) => [name, formatQuantity(quantity)]),
  )
}

const cpu = (value: string): ResourceList => ({ cpu: value })

const requestCases: readonly (readonly [string, PodSpec, ResourceList])[] = [
  ['no containers with requests', { containers: [{ name: 'a' }] }, {}],
  [
    'the sum of the containers',
    { containers: [container('a', { cpu: '1', memory: '1Gi' }), container('b', cpu('500m'))] },
    { cpu: '1500m', memory: '1Gi' },
  ],
  [
    'a larger init container, per resource',
    {
      initContainers: [container('i', { cpu: '2', memory: '1Mi' })],
      containers: [container('a', { cpu: '1', memory: '1Gi' })],
    },
    { cpu: '2', memory: '1Gi' },
  ],
  [
    'init containers do not add up',
    {
      initContainers: [container('i', cpu('2')), container('j', cpu('3'))],
      containers: [container('a', cpu('1'))],
    },
    { cpu: '3' },
  ],
  [
    'a sidecar adds to the containers',
    { initContainers: [sidecar('s', cpu('1'))], containers: [container('a', cpu('1'))] },
    { cpu: '2' },
  ],
  [
    'a sidecar adds to the init containers after it',
    {
      initContainers: [sidecar('s', cpu('1')), container('i', cpu('3'))],
      containers: [container('a', cpu('1'))],
    },
    { cpu: '4' },
  ],
  [
    'a sidecar does not add to the init containers before it',
    {
      initContainers: [container('i', cpu('3')), sidecar('s', cpu('1'))],
      containers: [container('a', cpu('1'))],
    },
    { cpu: '3' },
  ],
  [
    'sidecars add up',
    {
      initContainers: [sidecar('s', cpu('1')), sidecar('t', cpu('2')), container('i', cpu('1'))],
      containers: [container('a', cpu('500m'))],
    },
    { cpu: '4' },
  ],
  [
    'pod-level requests take the place of the sum',
    {
      containers: [container('a', { cpu: '1', memory: '1Gi', 'example.com/a': '1' })],
      resources: { requests: { cpu: '3', 'example.com/a': '5' } },
    },
    { cpu: '3', memory: '1Gi', 'example.com/a': '1' },
  ],
  [
    'overhead comes on top',
    {
      containers: [container('a', cpu('1'))],
      resources: { requests: { cpu: '3' } },
      overhead: { cpu: '250m', memory: '64Mi' },
    },
    { cpu: '3250m', memory: '64Mi' },
  ],
  [
    'huge pages at pod level',
    { containers: [{ name: 'a' }], resources: { requests: { 'hugepages-2Mi': '4Mi' } } },
    { 'hugepages-2Mi': '4Mi' },
  ],
]

describe('podRequests', () => {
  for (const [name, spec, expected] of requestCases) {
    test(name, () => assert.deepEqual(texts(podRequests(spec)), expected))
  }
})

const limitCases: readonly (readonly [string, PodSpec, ResourceList])[] = [
  [
    'a container without a limit adds nothing',
    { containers: [container('a', {}, cpu('1')), { name: 'b' }] },
    { cpu: '1' },
  ],
  [
    'overhead only where there is a limit',
    {
      containers: [container('a', {}, { cpu: '1', memory: '0' })],
      overhead: { cpu: '250m', memory: '64Mi' },
    },
    { cpu: '1250m', memory: '0' },
  ],
  [
    'pod-level limits take the place of the sum',
    { containers: [container('a', {}, cpu('1'))], resources: { limits: { cpu: '2' } } },
    { cpu: '2' },
  ],
]

describe('podLimits', () => {
  for (const [name, spec, expected] of limitCases) {
    test(name, () => assert.deepEqual(texts(podLimits(spec)), expected))
  }
})

const both = { cpu: '1', memory: '1Mi' }
const mebi = 1_048_576

const sizeCases: readonly (readonly [string, PodSpec, object])[] = [
  [
    'Burstable with one memory limit each and one CPU limit',
    {
      containers: [
        container('c1', { cpu: '250m', memory: '64Mi' }, { cpu: '500m', memory: '128Mi' }),
        container('c2', { cpu: '100m' }, { memory: '256Mi' }),
      ],
    },
    { cpuRequest: 350, memoryRequest: 64 * mebi, memoryLimit: 384 * mebi },
  ],
  ['BestEffort', { containers: [{ name: 'a' }] }, {}],
  [
    'Guaranteed',
    { containers: [container('a', both, both)] },
    { cpuRequest: 1000, cpuLimit: 1000, memoryRequest: mebi, memoryLimit: mebi },
  ],
  [
    'a limit of zero is none',
    { containers: [container('a', {}, both), container('b', {}, { cpu: '0', memory: '1Mi' })] },
    { memoryLimit: 2 * mebi },
  ],
  [
    'an init container without a limit leaves the pod without',
    { initContainers: [{ name: 'i' }], containers: [container('a', {}, both)] },
    {},
  ],
  [
    'an init container without a limit after a sidecar that has one',
    {
      initContainers: [sidecar('s', {}, both), { name: 'i' }],
      containers: [container('a', {}, both)],
    },
    { cpuLimit: 2000, memoryLimit: 2 * mebi },
  ],
  [
    'a pod-level limit is enough',
    { containers: [{ name: 'a' }], resources: { limits: { cpu: '2' } } },
    { cpuLimit: 2000 },
  ],
]

describe('podSize', () => {
  for (const [name, spec, expected] of sizeCases) {
    test(name, () => assert.deepEqual(podSize(spec), expected))
  }
})

test('containersTotal leaves pod-level values and overhead out', () => {
  const spec: PodSpec = {
    containers: [container('a', cpu('1'))],
    resources: { requests: { cpu: '3' } },
    overhead: { cpu: '1' },
  }
  assert.deepEqual(texts(containersTotal(spec, 'requests')), { cpu: '1' })
})

test('a limit that a container does not have is its pod\u2019s', () => {
  const a = container('a', cpu('100m'), { memory: '1Mi' })
  const spec: PodSpec = { containers: [a], resources: { limits: { cpu: '2', memory: '8Mi' } } }
  assert.deepEqual(effectiveSize(spec, a), { cpuRequest: 100, cpuLimit: 2000, memoryLimit: mebi })
  assert.deepEqual(effectiveSize({ containers: [a] }, a), { cpuRequest: 100, memoryLimit: mebi })
})

describe('allocations', () => {
  const old: PodSpec = {
    nodeName: 'n',
    initContainers: [sidecar('s', cpu('1'))],
    containers: [container('a', cpu('1')), { name: 'b' }],
  }
  const desired: PodSpec = {
    ...old,
    initContainers: [sidecar('s', cpu('2'))],
    containers: [container('a', cpu('2'), cpu('4')), { name: 'b' }],
  }

  test('the allocated resources take the place of the desired ones', () => {
    assert.deepEqual(withAllocated(desired, allocationOf(old)), old)
  })
  test('a spec is what it is allocated', () => {
    assert.deepEqual(withAllocated(desired, allocationOf(desired)), desired)
  })
  test('a container without an allocation keeps its own', () => {
    const one = { containers: {}, initContainers: {} }
    assert.deepEqual(withAllocated(desired, one), desired)
  })
  test('pod-level resources are allocated, too', () => {
    const pod: PodSpec = { ...old, resources: { requests: cpu('5') } }
    assert.deepEqual(withAllocated(old, allocationOf(pod)), pod)
    assert.deepEqual(withAllocated(pod, allocationOf(old)), old)
  })
  test('an allocation survives JSON', () => {
    const allocation = allocationOf(desired)
    assert.deepEqual(JSON.parse(JSON.stringify(allocation)), allocation)
  })
  test('the desired spec is left alone', () => {
    const before = structuredClone(desired)
    withAllocated(desired, allocationOf(old))
    assert.deepEqual(desired, before)
  })
})
