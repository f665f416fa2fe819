import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Pod } from '../../src/domain/pod.ts'
import { pods } from '../../src/kube/resource.ts'
import { slowness } from '../support/wait-until.ts'
import { byTurns, type CrashPoint, CrashTable } from './crash-table.ts'
import { FaultyPodfit } from './faulty-podfit.ts'
import { containerIds, restartsOf, sizesOf, untilRight } from './find-faults.ts'
import { large, resizePatch, small, testPod, type TestSize } from './sized-pod.ts'

let faulty: FaultyPodfit
let table: CrashTable

before(async () => {
  faulty = await FaultyPodfit.start()
  table = new CrashTable(faulty)
  const pod = testPod('resized', [
    { name: 'stays', size: small },
    { name: 'restarts', size: small, restarts: true },
  ])
  await faulty.client.create(pods, pod)
  await untilRight(faulty, 'resized')
})
after(() => faulty[Symbol.asyncDispose]())

/** The guest does what the cgroup version changes: the rest is the same there, and slower. */
const steps = slowness === 1 ? /./ : /cgroup|class|update|limit|oom/

test('kill -9 at each step of a resize', async (t) => {
  const upwards = await table.pointsOf('larger', () => resize(large), steps)
  const downwards = await table.pointsOf('smaller', () => resize(small), steps)
  // Of what comes by in both directions each does a half.
  const both = new Set(upwards.map(({ at }) => at)).intersection(
    new Set(downwards.map(({ at }) => at)),
  )
  const first = new Set([...both].filter((_at, index) => index % 2 === 0))
  const ups = upwards.filter(({ at }) => !both.has(at) || first.has(at))
  const downs = downwards.filter(({ at }) => !first.has(at))
  await table.crashAtEach(t, byTurns(ups, downs), crashInResize)
})

async function crashInResize(point: CrashPoint): Promise<boolean> {
  const [from, size] = point.story === 'larger' ? [small, large] : [large, small]
  await resize(from)
  const old = await untilRight(faulty, 'resized')
  let acknowledged: Pod | undefined
  const died = await table.crashed(point, async () => {
    acknowledged = await patchSize(size)
    await untilRight(faulty, 'resized')
  })
  const pod = await untilRight(faulty, 'resized')
  const resized = pod.metadata.generation !== old.metadata.generation
  if (acknowledged !== undefined) assert.ok(resized, 'the answered PATCH is lost')
  const restarts = restartsOf(old, 'restarts') ?? Number.NaN
  assert.deepEqual(sizesOf(pod.spec), resized ? [size, size] : sizesOf(old.spec))
  assert.equal(containerIds(pod).get('stays'), containerIds(old).get('stays'))
  assert.equal(restartsOf(pod, 'stays'), restartsOf(old, 'stays'))
  assert.equal(restartsOf(pod, 'restarts'), resized ? restarts + 1 : restarts)
  return died
}

async function patchSize(size: TestSize): Promise<Pod> {
  const address = { namespace: 'default', name: 'resized', subresource: 'resize' }
  const body = resizePatch({ stays: size, restarts: size })
  const pod = await faulty.client.patch(pods, address, { type: 'strategic', body })
  table.see(pod)
  return pod
}

async function resize(size: TestSize): Promise<void> {
  await patchSize(size)
  await untilRight(faulty, 'resized')
}
