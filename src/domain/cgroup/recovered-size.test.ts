import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PodSpec, ResourceRequirements } from '../pod.ts'
import { sizeOf } from '../resources/size.ts'
import { bytes, cpuWeight, micros } from '../units.ts'
import type { CgroupReading } from './knobs.ts'
import { recoveredSize } from './recovered-size.ts'

function resources(cpu: string, memory: string): ResourceRequirements {
  return { requests: { cpu, memory }, limits: { cpu, memory } }
}

const mebi = 2 ** 20

function reading(quota: number, weight: number, memory: number): CgroupReading {
  return {
    cpu: { kind: 'weight', weight: cpuWeight(weight) },
    cpuQuota: micros(quota),
    cpuPeriod: micros(100_000),
    memoryLimit: bytes(memory),
  }
}

function recovered(
  allocated: ResourceRequirements,
  shown: ResourceRequirements | undefined,
  read: CgroupReading,
) {
  const container = { name: 'a', resources: allocated }
  const spec: PodSpec = { containers: [container] }
  return recoveredSize({ spec, container, shown, reading: read })
}

test('of sizes that the kernel has alike, what the status showed counts', () => {
  const shown = resources('5m', '64Mi')
  // 5m and 10m have the same quota, 5m and 3m the same weight.
  assert.deepEqual(
    recovered(resources('3m', '64Mi'), shown, reading(1000, 1, 64 * mebi)),
    sizeOf(shown),
  )
})

test('what the kernel has already and the status not yet is there', () => {
  const allocated = resources('1', '128Mi')
  const { cpuRequest, cpuLimit, memoryLimit } = recovered(
    allocated,
    resources('500m', '64Mi'),
    reading(100_000, 39, 128 * mebi),
  )
  assert.deepEqual([cpuRequest, cpuLimit, memoryLimit], [1000, 1000, 128 * mebi])
})

test('half of an update is taken for what it is', () => {
  const { cpuLimit, memoryLimit } = recovered(
    resources('1', '128Mi'),
    resources('500m', '64Mi'),
    reading(100_000, 39, 64 * mebi),
  )
  assert.deepEqual([cpuLimit, memoryLimit], [1000, 64 * mebi])
})

test('without a status the files decide', () => {
  const allocated = resources('1', '128Mi')
  assert.deepEqual(
    recovered(allocated, undefined, reading(100_000, 39, 128 * mebi)),
    sizeOf(allocated),
  )
  const other = recovered(allocated, undefined, reading(50_000, 20, 96 * mebi))
  assert.deepEqual([other.cpuLimit, other.memoryLimit], [500, 96 * mebi])
})

test('a container without limits of its own has those of its pod', () => {
  const container = { name: 'a', resources: { requests: { cpu: '1', memory: '64Mi' } } }
  const spec: PodSpec = { containers: [container], resources: resources('1', '128Mi') }
  const size = recoveredSize({
    spec,
    container,
    shown: container.resources,
    reading: reading(100_000, 39, 128 * mebi),
  })
  assert.deepEqual([size.cpuLimit, size.memoryLimit], [1000, 128 * mebi])
})
