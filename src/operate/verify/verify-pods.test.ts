import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '../../domain/pod.ts'
import { bytes, cpuShares, micros } from '../../domain/units.ts'
import { runningPod, settledStatus } from '../../../test/support/fake-pod-api.ts'
import type { CgroupLook, CgroupSight } from '../cgroups/cgroup-look.ts'
import { verifyPods } from './verify-pods.ts'

const size = { requests: { cpu: '500m' }, limits: { cpu: '1', memory: '64Mi' } }
const pod = runningPod(size)

function read(quota: number): CgroupSight {
  const reading = {
    cpu: { kind: 'shares', shares: cpuShares(512) } as const,
    cpuQuota: micros(quota),
    cpuPeriod: micros(100_000),
    memoryLimit: bytes(64 * 1024 * 1024),
  }
  return { kind: 'read', path: '/kubepods/podx', reading }
}

const [right, wrong] = [read(100_000), read(50_000)]
const gone: CgroupSight = { kind: 'gone' }

/** What is there after so many milliseconds. */
interface Scene {
  readonly app?: CgroupSight
  readonly pod?: Pod | 'missing'
}

/** Verifies the pod while one scene after the other is there, on a clock of its own. */
async function verdict(scenes: Readonly<Record<number, Scene>>, timeoutMs?: number) {
  let now = 0
  let looks = 0
  const times = Object.keys(scenes).map(Number)
  const scene = (): Scene => scenes[times.findLast((time) => time <= now) ?? 0] ?? {}
  const look = (): CgroupLook => ({
    kind: 'seen',
    source: 'a test',
    version: 'v1',
    pageSize: 4096,
    pod: right,
    containers: { app: scene().app ?? right },
  })
  const [report] = await verifyPods(
    {
      client: {
        async read() {
          const { pod: seen = pod } = scene()
          return seen === 'missing' ? { kind: 'missing' } : { kind: 'pod', pod: seen }
        },
      },
      cgroups: {
        async look() {
          looks += 1
          return look()
        },
      },
      clock: { now: () => now, sleep: async (ms) => void (now += ms) },
    },
    [scene().pod === undefined ? pod : (scene().pod as Pod)],
    new AbortController().signal,
    timeoutMs === undefined ? {} : { timeoutMs },
  )
  return { verdict: report?.verdict, looks, took: now, report }
}

function withState(state: object, restartCount = 0, containerID = 'containerd://c1'): Pod {
  const status = settledStatus(size, 1, { restartCount, containerID })
  const containerStatuses = status.containerStatuses?.map((one) => ({ ...one, state }))
  return { ...pod, status: { ...status, ...(containerStatuses && { containerStatuses }) } }
}

const crashed = withState({ waiting: { reason: 'CrashLoopBackOff' } }, 1)
const again = withState({ running: {} }, 2, 'containerd://c2')

test('verifyPods() answers at once for a pod that is settled', async () => {
  const { verdict: said, looks, took } = await verdict({ 0: {} })
  assert.deepEqual([said, looks, took], ['verified', 1, 0])
})

test('verifyPods() believes drift that stands, and none that goes away', async () => {
  assert.equal((await verdict({ 0: { app: wrong }, 800: {} })).verdict, 'verified')
  const stays = await verdict({ 0: { app: wrong } })
  assert.equal(stays.verdict, 'drift')
  assert.ok(stays.took >= 1000 && stays.took < 2000, `${stays.took}`)
  // Every time another value is no drift that stands, but at the end it is one.
  const wild = { 0: { app: wrong }, 900: { app: read(60_000) }, 1700: { app: read(70_000) } }
  assert.equal((await verdict(wild, 2000)).verdict, 'drift')
})

test('verifyPods() calls no drift what the API is late to tell: a crashed container has no cgroup', async () => {
  const crash = await verdict({
    0: { app: gone },
    2000: { app: gone, pod: crashed },
    3000: { pod: again },
  })
  assert.equal(crash.verdict, 'verified')
  const [app] = crash.report?.containers ?? []
  assert.deepEqual([app?.restartCountBefore, app?.restartCount], [0, 2])
  assert.equal((await verdict({ 0: { app: gone } }, 2000)).verdict, 'notNow')
  const lost = await verdict({ 0: { app: gone } })
  assert.deepEqual([lost.verdict, lost.report?.findings[0]?.code], ['drift', 'CG302'])
  assert.ok(lost.took >= 3000 && lost.took <= 5000, `${lost.took}`)
})

test('verifyPods() waits for what settles, until the time is over', async () => {
  const starts = { 0: { pod: crashed }, 4000: { pod: again } }
  assert.equal((await verdict(starts)).verdict, 'verified')
  const never = await verdict({ 0: { pod: crashed } })
  assert.deepEqual([never.verdict, never.took], ['notNow', 5000])
  const once = await verdict({ 0: { pod: crashed } }, 0)
  assert.deepEqual([once.verdict, once.looks], ['notNow', 1])
})

test('verifyPods() has no report about a pod that is gone, and counts a new one from anew', async () => {
  const { report } = await verdict({ 0: { app: wrong }, 500: { pod: 'missing' } })
  assert.equal(report, undefined)
  const other = { ...again, metadata: { ...pod.metadata, uid: 'another' } }
  const replaced = await verdict({ 0: { app: gone }, 1000: { pod: other } })
  assert.equal(replaced.report?.containers[0]?.restartCountBefore, 2)
})

test('verifyPods() looks again at what a look has missed, and not at what is never seen', async () => {
  const hidden = { kind: 'hidden', why: 'no answer' } as const
  const missed = { ...hidden, fleeting: true }
  const seen = await verdict({ 0: { app: missed }, 600: {} })
  assert.equal(seen.verdict, 'verified')
  const never = await verdict({ 0: { app: missed } })
  assert.deepEqual([never.verdict, never.took], ['warnings', 5000])
  const lasting = await verdict({ 0: { app: hidden } })
  assert.deepEqual([lasting.verdict, lasting.looks], ['warnings', 1])
})
