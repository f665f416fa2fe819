import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CgroupKnobs, CgroupReading } from '../../domain/cgroup/knobs.ts'
import { bytes, cpuShares, micros, milliCpu } from '../../domain/units.ts'
import { NodeCgroups } from './node-cgroups.ts'
import type { Cgroups } from './cgroups.ts'

const pod = '/podfit/kubepods/burstable/podu1'
const quota = micros(50_000)

/** A pod with a quota and containers `a` and `b`, which a kill empties. */
function podOfTwo({ isGone = () => false }: { readonly isGone?: (path: string) => boolean } = {}) {
  const quotas = new Map<string, CgroupKnobs['cpuQuota']>(
    [pod, `${pod}/a`, `${pod}/b`].map((path) => [path, quota]),
  )
  const killed: string[] = []
  const tree: Partial<Cgroups> = {
    version: 'v1',
    exists: (path) => quotas.has(path),
    read: (path): CgroupReading => ({
      cpu: { kind: 'shares', shares: cpuShares(2) },
      cpuQuota: quotas.get(path) ?? 'max',
      cpuPeriod: micros(100_000),
      memoryLimit: 'max',
    }),
    write: (path, { cpuQuota }) => void quotas.set(path, cpuQuota),
    writeContainer: (path, { cpuQuota }) => void quotas.set(path, cpuQuota),
    kill(path) {
      if (isGone(path)) throw Object.assign(new Error('gone'), { code: 'notFound' })
      assert.deepEqual([quotas.get(pod), quotas.get(path)], ['max', 'max'])
      killed.push(path)
    },
  }
  const { containers } = new NodeCgroups({
    cgroups: tree as Cgroups,
    root: '/podfit',
    driver: 'cgroupfs',
    machine: { cpu: milliCpu(4000), memory: bytes(4 * 1024 ** 3), swap: bytes(0) },
    onStep: () => {},
  })
  return { containers, killed, podQuota: () => quotas.get(pod) }
}

test('a pod has its quota back when the last of the containers is gone that are killed at once', () => {
  const { containers, killed, podQuota } = podOfTwo()
  const gone = [containers.kill('u1', 'a'), containers.kill('u1', 'b')]
  assert.deepEqual(killed, [`${pod}/a`, `${pod}/b`])
  gone[0]?.()
  assert.equal(podQuota(), 'max')
  gone[1]?.()
  assert.equal(podQuota(), quota)
})

test('a container that cannot be killed leaves the pod its quota', () => {
  const { containers, podQuota } = podOfTwo({ isGone: () => true })
  assert.throws(() => containers.kill('u1', 'a'), { code: 'notFound' })
  assert.equal(podQuota(), quota)
})

test('one that is killed goes on without a quota while another cannot be', () => {
  const { containers, podQuota } = podOfTwo({ isGone: (path) => path.endsWith('b') })
  const gone = containers.kill('u1', 'a')
  assert.throws(() => containers.kill('u1', 'b'), { code: 'notFound' })
  assert.equal(podQuota(), 'max')
  gone()
  assert.equal(podQuota(), quota)
})
