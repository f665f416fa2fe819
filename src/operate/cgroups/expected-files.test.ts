import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runningPod } from '../../../test/support/fake-pod-api.ts'
import { bytes, cpuShares, cpuWeight, micros } from '../../domain/units.ts'
import type { CgroupReading } from '../../domain/cgroup/knobs.ts'
import type { CgroupLook } from './cgroup-look.ts'
import { expectedFiles } from './expected-files.ts'
import type { KubeletSight } from '../cluster/kubelet-policies.ts'

const now = { requests: { cpu: '1', memory: '64Mi' }, limits: { cpu: '1', memory: '64Mi' } }
const soon = { requests: { cpu: '500m', memory: '64Mi' }, limits: { cpu: '1505m', memory: '100M' } }

/** The pod's cgroups as they are: 1 CPU as this `cpu` says, in a pod of this path. */
function seen(cpu: CgroupReading['cpu'], path = '/kubepods/pod1'): CgroupLook {
  const limits = { cpuQuota: micros(100_000), cpuPeriod: micros(100_000) }
  const reading = { cpu, ...limits, memoryLimit: bytes(2 ** 26) }
  const version = cpu.kind === 'weight' ? 'v2' : 'v1'
  const pod = { kind: 'read', path, reading } as const
  const containers = { app: { ...pod, path: `${path}/app` } }
  return { kind: 'seen', source: 'here', version, pageSize: 4096, pod, containers }
}

const unseen: CgroupLook = { kind: 'unseen', why: 'elsewhere' }
const weight = (value: number) => ({ kind: 'weight', weight: cpuWeight(value) }) as const

function files(look: CgroupLook, kubelet?: KubeletSight) {
  const question = { pod: runningPod(now), wanted: runningPod(soon), part: 'app' }
  const { container, pod, assumed } = expectedFiles({ ...question, look, kubelet })
  const text = (all: typeof container) =>
    all.map(({ file, value, or = [] }) => [`${file} ${value}`, ...or].join(' or ')).join(', ')
  return [text(container), text(pod), ...assumed.map((what) => what.split(' ', 3).join(' '))]
}

test('expectedFiles() knows the formula by the weight that the container has', () => {
  const pod = 'cpu.weight 20, cpu.max 150500 100000, memory.max 99999744'
  assert.deepEqual(files(seen(weight(39))), [pod, pod])
  assert.deepEqual(files(seen(weight(100))), [
    'cpu.weight 59, cpu.max 150500 100000, memory.max 99999744',
    pod,
  ])
})

test('expectedFiles() has the files of cgroup v1', () => {
  const shares = { kind: 'shares', shares: cpuShares(1024) } as const
  const all = 'cpu.shares 512, cpu.cfs_quota_us 150500, memory.limit_in_bytes 99999744'
  assert.deepEqual(files(seen(shares)), [all, all])
})

test('expectedFiles() has no quota where the kubelet makes none', () => {
  const none = 'cpu.weight 20, cpu.max max 100000, memory.max 99999744'
  assert.deepEqual(files(seen(weight(39)), { cpuCFSQuota: false }), [none, none])
  const shares = { kind: 'shares', shares: cpuShares(1024) } as const
  const [container] = files(seen(shares), { cpuCFSQuota: false })
  assert.equal(container, 'cpu.shares 512, cpu.cfs_quota_us -1, memory.limit_in_bytes 99999744')
})

test('expectedFiles() allows systemd its rounding', () => {
  const pod = 'cpu.weight 20, cpu.max 150500 100000 or 151000 100000, memory.max 99999744'
  assert.deepEqual(files(seen(weight(39), '/kubepods.slice/kubepods-pod1.slice')), [pod, pod])
})

test('expectedFiles() says what it assumes where nothing can be seen', () => {
  const either = 'cpu.max 150500 100000 or 151000 100000, memory.max 99999744'
  assert.deepEqual(files(unseen), [
    `cpu.weight 20 or 59, ${either}`,
    `cpu.weight 20, ${either}`,
    'cgroup v2',
    'cpu.weight as runc',
    'the quota as',
  ])
  assert.deepEqual(files(unseen, { cgroupVersion: 'v2', cgroupDriver: 'cgroupfs' }), [
    'cpu.weight 20 or 59, cpu.max 150500 100000, memory.max 99999744',
    'cpu.weight 20, cpu.max 150500 100000, memory.max 99999744',
    'cpu.weight as runc',
  ])
})
