import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runningPod, waitingStatus } from '../../../test/support/fake-pod-api.ts'
import type { SoftMemory } from '../../domain/cgroup/memory-qos.ts'
import type { Pod } from '../../domain/pod.ts'
import type { QosClass } from '../../domain/resources/qos.ts'
import { bytes } from '../../domain/units.ts'
import { checkClassMemory } from './check-class-memory.ts'
import type { KubeletSight } from '../cluster/kubelet-policies.ts'

const mebi = 1024 * 1024
const burstable = { requests: { memory: '100Mi' }, limits: { memory: '200Mi' } }
const hard = { cpu: '1', memory: '256Mi' }
const all = [
  runningPod(burstable),
  runningPod(burstable, {}, 'b'),
  runningPod({ requests: hard, limits: hard }, {}, 'c'),
]
const moving = {
  ...runningPod(burstable, {}, 'd'),
  status: waitingStatus(burstable, 'ContainerCreating'),
}

const on = (more: object = {}): KubeletSight => ({ featureGates: { MemoryQoS: true }, ...more })
const tiered = on({ memoryReservationPolicy: 'TieredReservation' })
const unknown: KubeletSight = { why: 'forbidden' }

/** The files that are wrong, with what they should say, where a cgroup says this much in MiB. */
function wrong(
  kind: QosClass,
  kubelet: KubeletSight,
  [min, low]: readonly [min: number, low: number],
  version: '1.33' | '1.36' = '1.36',
  pods: readonly Pod[] = all,
) {
  const soft: SoftMemory = { min: bytes(min * mebi), low: bytes(low * mebi), high: 'max' }
  const sight = { kind: 'read', path: '/kubepods', reading: {}, soft } as const
  const node = { name: 'n1', node: { allocatable: {} }, kubelet, version, pods }
  return checkClassMemory(sight, kind, node, 4096)
    .filter(({ ok }) => !ok)
    .map(({ file, expected }) => [file, ...expected.map((text) => Number(text) / mebi)].join(' '))
}

for (const [title, found, expected] of [
  ['tiered, as it should be', wrong('Burstable', tiered, [0, 200]), []],
  ['tiered, of one pod less', wrong('Burstable', tiered, [0, 100]), ['memory.low 200']],
  ['tiered, all pods', wrong('Guaranteed', tiered, [456, 0]), []],
  ['tiered, all pods, and lost', wrong('Guaranteed', tiered, [0, 0]), ['memory.min 456']],
  ['before 1.36', wrong('Burstable', on(), [200, 0], '1.33'), []],
  ['before 1.36, all pods', wrong('Guaranteed', on(), [200, 0], '1.33'), ['memory.min 456']],
  ['from 1.36 on without a policy', wrong('Burstable', on(), [0, 200]), ['memory.low 0']],
  ['off', wrong('Guaranteed', {}, [0, 0]), []],
  ['left over', wrong('Guaranteed', {}, [456, 0]), ['memory.min 0']],
  ['unknown, and consistent', wrong('Burstable', unknown, [0, 200]), []],
  ['unknown, and of one pod less', wrong('Burstable', unknown, [0, 100]), ['memory.low 0 200']],
  ['BestEffort', wrong('BestEffort', tiered, [0, 100]), ['memory.low 0']],
  ['while pods change', wrong('Burstable', tiered, [0, 100], '1.36', [...all, moving]), []],
] as const) {
  test(`checkClassMemory(): ${title}`, () => assert.deepEqual(found, expected))
}
