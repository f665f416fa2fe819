import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytes, cpuShares, micros } from '../domain/units.ts'
import { runningPod } from '../../test/support/fake-pod-api.ts'
import type { CgroupLook } from './cgroup-look.ts'
import { verifyPod } from './verify-pod.ts'

const pod = runningPod({ requests: { cpu: '500m' }, limits: { cpu: '1', memory: '64Mi' } })

function look(quota: number): CgroupLook {
  const reading = {
    cpu: { kind: 'shares', shares: cpuShares(512) } as const,
    cpuQuota: micros(quota),
    cpuPeriod: micros(100_000),
    memoryLimit: bytes(64 * 1024 * 1024),
  }
  const sight = { kind: 'read', path: '/kubepods/podx', reading } as const
  return {
    kind: 'seen',
    source: 'a test',
    version: 'v1',
    pageSize: 4096,
    pod: sight,
    containers: { app: sight },
  }
}

async function verdictAfter(...quotas: readonly number[]) {
  let looks = 0
  const slept: number[] = []
  const answer = await verifyPod(
    {
      client: { read: async () => ({ kind: 'pod', pod }) },
      cgroups: { look: async () => look(quotas[looks++] ?? 0) },
      clock: { now: () => 0, sleep: async (ms) => void slept.push(ms) },
    },
    { namespace: 'default', name: 'web' },
    new AbortController().signal,
  )
  return [answer.kind === 'report' ? answer.report.verdict : answer.kind, looks, slept.length]
}

test('verifyPod() looks again before it calls something drift', async () => {
  assert.deepEqual(await verdictAfter(100_000), ['verified', 1, 0])
  assert.deepEqual(await verdictAfter(50_000, 100_000), ['verified', 2, 1])
  assert.deepEqual(await verdictAfter(50_000, 50_000, 50_000), ['drift', 3, 2])
})

test('verifyPod() says when there is no such pod', async () => {
  const answer = await verifyPod(
    {
      client: { read: async () => ({ kind: 'missing' }) },
      cgroups: { look: () => assert.fail('nothing to look at') },
      clock: { now: () => 0, sleep: async () => {} },
    },
    { namespace: 'default', name: 'web' },
    new AbortController().signal,
  )
  assert.deepEqual(answer, { kind: 'missing' })
})
