import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { PodSpec, ResourceList, ResourceRequirements } from '../pod.ts'
import { bytes, cpuShares, micros } from '../units.ts'
import { weightFor } from './cpu.ts'
import { podKnobs, type CgroupReading } from './knobs.ts'
import { podAllocatedResources, podLevelResources } from './pod-level-status.ts'

function spec(
  containers: readonly ResourceRequirements[],
  resources?: ResourceRequirements,
  overhead?: ResourceList,
): PodSpec {
  return {
    containers: containers.map((one, index) => ({ name: `c${index}`, resources: one })),
    ...(resources && { resources }),
    ...(overhead && { overhead }),
  }
}

/** What the cgroup v2 of a pod with this spec says. */
function readingOf(of: PodSpec): CgroupReading {
  const { cpuShares: shares = cpuShares(2), cpuQuota, memoryLimit } = podKnobs(of)
  return {
    cpu: { kind: 'weight', weight: weightFor(shares, 'linear') },
    cpuQuota: cpuQuota ?? 'max',
    cpuPeriod: micros(100_000),
    memoryLimit: memoryLimit ?? 'max',
  }
}

function shown(of: PodSpec, from: PodSpec = of, previous?: ResourceRequirements) {
  return podLevelResources({ spec: of, previous, reading: readingOf(from) })
}

const both = (cpu: string, memory: string): ResourceRequirements => ({
  requests: { cpu, memory },
  limits: { cpu, memory },
})

describe('status.resources of a pod (3.9)', () => {
  for (const cpu of ['1', '2', '100m', '333m', '5m', '1234m', '16']) {
    test(`${cpu} of CPU is ${cpu}`, () => {
      assert.deepEqual(shown(spec([both(cpu, '64Mi')])), both(cpu, '64Mi'))
    })
  }

  test('the sum of the containers, with a limit only where all have one', () => {
    const of = spec([both('250m', '64Mi'), { requests: { cpu: '100m' }, limits: { cpu: '500m' } }])
    assert.deepEqual(shown(of), {
      requests: { cpu: '350m', memory: '64Mi' },
      limits: { cpu: '750m' },
    })
    assert.deepEqual(shown(spec([{}])), {})
  })

  test('pod-level values where there are some, other resources as they are', () => {
    const of = spec([{}], {
      requests: { cpu: '1', memory: '1Gi', 'hugepages-2Mi': '2Mi' },
      limits: { cpu: '2', memory: '1Gi', 'hugepages-2Mi': '2Mi' },
    })
    assert.deepEqual(shown(of), of.resources)
  })

  test('while the cgroup lags behind, it shows what the cgroup has', () => {
    const [small, large] = [spec([both('1', '64Mi')]), spec([both('2', '128Mi')])]
    assert.deepEqual(shown(large, small, both('1', '64Mi')), {
      requests: { cpu: '1', memory: '128Mi' },
      limits: { cpu: '1', memory: '64Mi' },
    })
    assert.deepEqual(shown(large, small), {
      requests: { cpu: '975m', memory: '128Mi' },
      limits: { cpu: '1', memory: '64Mi' },
    })
  })

  test('a limit in the middle of a page is shown as it was asked for', () => {
    const of = spec([both('1', '200000000')])
    const reading = { ...readingOf(of), memoryLimit: bytes(199_999_488) }
    const { limits } = podLevelResources({ spec: of, previous: undefined, reading })
    assert.equal(limits?.['memory'], '200000000')
  })

  test('a quota that systemd rounded is shown as it was asked for', () => {
    const of = spec([both('4096m', '1Gi')])
    const reading = { ...readingOf(of), cpuQuota: micros(410_000) }
    const input = { spec: of, previous: undefined, reading }
    assert.equal(podLevelResources({ ...input, systemd: true }).limits?.['cpu'], '4096m')
    assert.equal(podLevelResources(input).limits?.['cpu'], '4100m')
  })

  test('a pod that does not run shows what it was promised', () => {
    const of = spec([both('250m', '64Mi'), { requests: { cpu: '100m' } }])
    assert.deepEqual(podLevelResources({ spec: of, previous: undefined }), {
      requests: { cpu: '350m', memory: '64Mi' },
      limits: { cpu: '250m', memory: '64Mi' },
    })
  })
})

test('status.allocatedResources of a pod has its overhead', () => {
  const of = spec([both('250m', '64Mi')], undefined, { cpu: '250m', memory: '64Mi' })
  assert.deepEqual(podAllocatedResources(of), { cpu: '500m', memory: '128Mi' })
})
