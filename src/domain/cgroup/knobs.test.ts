import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Container, PodSpec, ResourceRequirements } from '../pod.ts'
import { sizeOf } from '../resources/size.ts'
import { bytes, micros, milliCpu } from '../units.ts'
import { containerKnobs, nodeKnobs, podKnobs, qosKnobs, unlimitedWhereUnset } from './knobs.ts'

const containerCases: readonly (readonly [string, ResourceRequirements, object])[] = [
  ['nothing', {}, { cpuShares: 2 }],
  [
    'a CPU limit without a request',
    { limits: { cpu: '1' } },
    { cpuShares: 1024, cpuQuota: 100_000, cpuPeriod: 100_000 },
  ],
  [
    'a CPU limit with a request of 0',
    { requests: { cpu: '0' }, limits: { cpu: '1' } },
    { cpuShares: 2, cpuQuota: 100_000, cpuPeriod: 100_000 },
  ],
  ['a CPU request without a limit', { requests: { cpu: '500m' } }, { cpuShares: 512 }],
  [
    'below the smallest quota',
    { requests: { cpu: '5m' }, limits: { cpu: '5m' } },
    { cpuShares: 5, cpuQuota: 1000, cpuPeriod: 100_000 },
  ],
  ['a memory limit', { limits: { memory: '128Mi' } }, { cpuShares: 2, memoryLimit: 134_217_728 }],
  ['limits of 0', { limits: { cpu: '0', memory: '0' } }, { cpuShares: 2 }],
]

describe('containerKnobs', () => {
  for (const [name, resources, expected] of containerCases) {
    test(name, () => assert.deepEqual(containerKnobs(sizeOf(resources)), expected))
  }
  test('another period', () => {
    const knobs = containerKnobs({ cpuLimit: milliCpu(500) }, micros(50_000))
    assert.deepEqual(knobs, { cpuShares: 512, cpuQuota: 25_000, cpuPeriod: 50_000 })
  })
})

function container(resources: ResourceRequirements): Container {
  return { name: 'c', resources }
}

const full = { cpu: '1', memory: '1Mi' }
const burstable: PodSpec = {
  containers: [
    container({
      requests: { cpu: '250m', memory: '64Mi' },
      limits: { cpu: '500m', memory: '128Mi' },
    }),
    container({ requests: { cpu: '100m' }, limits: { memory: '256Mi' } }),
  ],
}
const guaranteed: PodSpec = { containers: [container({ requests: full, limits: full })] }
const bestEffort: PodSpec = { containers: [container({})], overhead: { cpu: '1' } }

const podCases: readonly (readonly [string, PodSpec, object])[] = [
  [
    'Burstable, with a CPU limit missing',
    burstable,
    { cpuShares: 358, memoryLimit: 384 * 1_048_576 },
  ],
  [
    'Guaranteed',
    guaranteed,
    { cpuShares: 1024, cpuQuota: 100_000, cpuPeriod: 100_000, memoryLimit: 1_048_576 },
  ],
  [
    'Guaranteed, with overhead',
    { ...guaranteed, overhead: { cpu: '250m', memory: '1Mi' } },
    { cpuShares: 1280, cpuQuota: 125_000, cpuPeriod: 100_000, memoryLimit: 2_097_152 },
  ],
  ['BestEffort, whatever the overhead', bestEffort, { cpuShares: 2 }],
  [
    'pod-level resources',
    {
      containers: [container({ requests: { cpu: '100m' } })],
      resources: { requests: { cpu: '1' }, limits: { cpu: '2' } },
    },
    { cpuShares: 1024, cpuQuota: 200_000, cpuPeriod: 100_000 },
  ],
]

describe('podKnobs', () => {
  for (const [name, spec, expected] of podCases) {
    test(name, () => assert.deepEqual(podKnobs(spec), expected))
  }
})

test('the QoS classes get the shares of their pods', () => {
  assert.deepEqual(qosKnobs('BestEffort', [bestEffort]), { cpuShares: 2 })
  assert.deepEqual(qosKnobs('Burstable'), { cpuShares: 2 })
  assert.deepEqual(qosKnobs('Burstable', [burstable, guaranteed, bestEffort, burstable]), {
    cpuShares: 716,
  })
})

test('the cgroup of all pods gets what the node has for them', () => {
  const knobs = nodeKnobs({ cpuRequest: milliCpu(2000), memoryLimit: bytes(4096) })
  assert.deepEqual(knobs, { cpuShares: 2048, memoryLimit: 4096 })
})

test('a limit that was never set is max', () => {
  assert.deepEqual(unlimitedWhereUnset({ memoryLimit: bytes(4096) }), {
    cpuQuota: 'max',
    memoryLimit: 4096,
  })
})
