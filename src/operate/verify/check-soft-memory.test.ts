import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runningPod } from '../../../test/support/fake-pod-api.ts'
import type { SoftMemory } from '../../domain/cgroup/memory-qos.ts'
import type { ResourceRequirements } from '../../domain/pod.ts'
import { bytes, cpuWeight, micros } from '../../domain/units.ts'
import type { CgroupLook } from '../cgroups/cgroup-look.ts'
import { checkSoftMemory } from './check-soft-memory.ts'
import type { KubeletSight } from '../cluster/kubelet-policies.ts'

const mebi = 1024 * 1024
const burstable = { requests: { memory: '100Mi' }, limits: { memory: '200Mi' } }
const guaranteed = {
  requests: { cpu: '1', memory: '256Mi' },
  limits: { cpu: '1', memory: '256Mi' },
}

const on = (more: object = {}): KubeletSight => ({ featureGates: { MemoryQoS: true }, ...more })
const tiered = on({ memoryReservationPolicy: 'TieredReservation' })
const off: KubeletSight = { featureGates: {} }
const unknown: KubeletSight = { why: 'forbidden' }

const amount = (value: number | 'max') => (value === 'max' ? value : bytes(value))
const soft = (min: number, low: number, high: number | 'max'): SoftMemory => ({
  min: amount(min),
  low: amount(low),
  high: amount(high),
})

/** Codes with their files, for a container and its pod whose files say this. */
function found(
  size: ResourceRequirements,
  kubelet: KubeletSight,
  container: SoftMemory,
  pod: SoftMemory,
  version: '1.33' | '1.36' = '1.36',
) {
  const reading = {
    cpu: { kind: 'weight', weight: cpuWeight(1) } as const,
    cpuQuota: 'max' as const,
    cpuPeriod: micros(100_000),
    memoryLimit: 'max' as const,
  }
  const sight = (path: string, one: SoftMemory) =>
    ({ kind: 'read', path, reading, soft: one }) as const
  const look: CgroupLook = {
    kind: 'seen',
    source: 'a test',
    version: 'v2',
    pageSize: 4096,
    pod: sight('/p', pod),
    containers: { app: sight('/p/c', container) },
  }
  const node = { name: 'n1', node: { allocatable: { memory: '1Gi' } }, kubelet, version, pods: [] }
  return checkSoftMemory(runningPod(size), look, node).map(
    ({ code, file, expected }) => `${code} ${file} ${expected?.join('|')}`,
  )
}

const request = 100 * mebi
// 100Mi + 0.9 * 100Mi, in whole pages.
const high = 199_229_440

for (const [title, said, expected] of [
  [
    'tiered, as it should be',
    found(burstable, tiered, soft(0, request, high), soft(0, request, 'max')),
    [],
  ],
  [
    'tiered and Guaranteed',
    found(guaranteed, tiered, soft(256 * mebi, 0, 'max'), soft(256 * mebi, 0, 'max')),
    [],
  ],
  [
    'memory.high of the size before, where request = limit (kubernetes#142569)',
    found(guaranteed, tiered, soft(256 * mebi, 0, high), soft(256 * mebi, 0, 'max')),
    ['CG105 memory.high max'],
  ],
  [
    'memory.low of the pod of the size before (kubernetes#142572)',
    found(burstable, tiered, soft(0, request, high), soft(0, request / 2, 'max')),
    [`CG204 memory.low ${request}`],
  ],
  [
    'protection that got lost (kubernetes#140262)',
    found(burstable, tiered, soft(0, 0, high), soft(0, request, 'max')),
    [`CG106 memory.low ${request}`],
  ],
  [
    'before 1.36 every request is protected hard',
    found(burstable, on(), soft(request, 0, high), soft(request, 0, 'max'), '1.33'),
    [],
  ],
  [
    'from 1.36 on nothing is, unless it is asked for',
    found(burstable, on(), soft(0, 0, high), soft(0, 0, 'max')),
    [],
  ],
  [
    'another throttling factor',
    found(
      burstable,
      on({ memoryThrottlingFactor: 0.5 }),
      soft(0, 0, 150 * mebi),
      soft(0, 0, 'max'),
    ),
    [],
  ],
  ['off, and nothing set', found(burstable, off, soft(0, 0, 'max'), soft(0, 0, 'max')), []],
  [
    'left over from when it was on (kubernetes#139377)',
    found(burstable, off, soft(0, 0, high), soft(0, 0, 'max')),
    ['CG106 memory.high max'],
  ],
  [
    'unknown, and consistent',
    found(burstable, unknown, soft(request, 0, high), soft(0, request, 'max')),
    [],
  ],
  [
    'unknown, and of another size',
    found(burstable, unknown, soft(request / 2, 0, request / 2), soft(0, 0, 'max')),
    ['CG105 memory.high max', `CG106 memory.min 0|${request}`],
  ],
  ['files that the kernel does not have', found(burstable, tiered, {}, {}), []],
] as const) {
  test(`checkSoftMemory(): ${title}`, () => assert.deepEqual(said, expected))
}
