import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runningPod, waitingStatus } from '../../../test/support/fake-pod-api.ts'
import type { CgroupReading } from '../../domain/cgroup/knobs.ts'
import type { Pod } from '../../domain/pod.ts'
import { bytes, cpuShares, cpuWeight, micros } from '../../domain/units.ts'
import type { CgroupLook } from '../cgroups/cgroup-look.ts'
import { checkAncestors } from './check-ancestors.ts'

const size = { requests: { cpu: '250m', memory: '64Mi' }, limits: { cpu: '500m', memory: '64Mi' } }
const gibi = 1024 ** 3

function reading(shares: number, part: Partial<CgroupReading> = {}): CgroupReading {
  return {
    cpu: { kind: 'shares', shares: cpuShares(shares) },
    cpuQuota: 'max',
    cpuPeriod: micros(100_000),
    memoryLimit: 'max',
    ...part,
  }
}

const root = reading(2048, { memoryLimit: bytes(gibi) })

/** Codes of what is wrong above the pod, on a node of 2 CPUs and 1Gi with these pods. */
function codes(
  qos: CgroupReading,
  top = root,
  pods: readonly Pod[] = [runningPod(size), runningPod(size, {}, 'b')],
  klass = 'burstable',
) {
  const sight = (path: string, reading: CgroupReading) => ({ kind: 'read', path, reading }) as const
  const look: CgroupLook = {
    kind: 'seen',
    source: 'a test',
    version: 'v1',
    pageSize: 4096,
    pod: { kind: 'gone' },
    ancestors: [sight(`/x/kubepods/${klass}`, qos), sight('/x/kubepods', top)],
    containers: {},
  }
  const node = { name: 'n1', node: { allocatable: { cpu: '2', memory: '1Gi' } }, kubelet: {}, pods }
  const reports = checkAncestors(runningPod(size), look, node)
  return reports.flatMap(({ findings }) => findings.map(({ code }) => code))
}

const waiting = (reason: string): Pod => ({
  ...runningPod(size, {}, 'b'),
  status: waitingStatus(size, reason),
})
const weights = (weight: number) =>
  reading(2, { cpu: { kind: 'weight', weight: cpuWeight(weight) } })

for (const [title, found, expected] of [
  ['all as it should be', codes(reading(512)), []],
  ['another weight of the class', codes(reading(513)), ['CG402']],
  [
    'another weight while pods come and go',
    codes(reading(513), root, [waiting('ContainerCreating')]),
    [],
  ],
  [
    'another weight beside a pod whose image cannot be pulled',
    codes(reading(513), root, [runningPod(size), waiting('ImagePullBackOff')]),
    ['CG402'],
  ],
  ['the linear weight of cgroup v2', codes(weights(20)), []],
  [
    'the quadratic weight of cgroup v2, which the kubelet never writes',
    codes(weights(59)),
    ['CG402'],
  ],
  ['BestEffort with its least weight', codes(reading(2), root, [], 'besteffort'), []],
  ['BestEffort with more', codes(reading(512), root, [], 'besteffort'), ['CG402']],
  ['a limit on the class', codes(reading(512, { cpuQuota: micros(10_000) })), ['CG401']],
  [
    'less memory for all pods',
    codes(reading(512), { ...root, memoryLimit: bytes(gibi / 2) }),
    ['CG403'],
  ],
  ['less CPU for all pods', codes(reading(512), reading(1500)), ['CG403']],
  [
    'less memory for all pods than the pod is promised',
    codes(reading(512), { ...root, memoryLimit: bytes(gibi / 32) }),
    ['CG401', 'CG403'],
  ],
  ['a node that enforces nothing', codes(reading(512), reading(1024)), []],
] as const) {
  test(`checkAncestors(): ${title}`, () => assert.deepEqual(found, expected))
}
