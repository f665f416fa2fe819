import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Pod } from '../../src/domain/pod.ts'
import { events, pods } from '../../src/kube/object/resource.ts'
import type { PodEvent } from '../e2e/live-node.ts'
import { slowness, waitUntil } from '../support/wait-until.ts'
import { byTurns, type CrashPoint, CrashTable, firstTimes } from './crash-table.ts'
import { FaultyPodfit, type FaultyPodfitOptions } from './faulty-podfit.ts'
import { FaultyRunc } from './faulty-runc.ts'
import { containerIds, restartsOf, sizesOf, untilRight } from './find-faults.ts'
import { large, resizePatch, small, testPod, type TestSize } from './sized-pod.ts'

/** In the guest what the cgroup version changes: the rest is the same there, and slower. */
const steps = slowness === 1 ? firstTimes : /(cgroup|class|update|limit|oom).*:1$/

let faulty: FaultyPodfit
let table: CrashTable

async function start(options?: FaultyPodfitOptions): Promise<void> {
  faulty = await FaultyPodfit.start(options)
  table = new CrashTable(faulty)
  const pod = testPod('resized', [
    { name: 'stays', size: small },
    { name: 'restarts', size: small, restarts: true },
  ])
  await faulty.client.create(pods, pod)
  await untilRight(faulty, 'resized')
}

describe('kill -9', () => {
  before(() => start())
  after(() => faulty[Symbol.asyncDispose]())

  test('at each step of a resize', async (t) => {
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
})

describe('kill -9 where the kernel has it first', () => {
  let runc: FaultyRunc

  before(async () => {
    runc = new FaultyRunc()
    await start({ args: ['--actuate=kernel-first'], env: runc.env })
  })
  after(async () => {
    await faulty[Symbol.asyncDispose]()
    runc[Symbol.dispose]()
  })

  test('at each step of a resize that the runtime refuses at first', async (t) => {
    const refusedOnce = async (size: TestSize, acknowledged?: () => void): Promise<void> => {
      runc.heal()
      runc.add({ verb: 'update', times: 1, does: { fails: 'the test has broken runc' } })
      await resize(size, acknowledged)
    }
    const points = await table.pointsOf('larger', () => refusedOnce(large), /write/)
    await table.crashAtEach(t, points, (point) => crashInResize(point, refusedOnce))
  })
})

async function crashInResize(point: CrashPoint, change = resize): Promise<boolean> {
  const [from, size] = point.story === 'larger' ? [small, large] : [large, small]
  await resize(from)
  const old = await untilRight(faulty, 'resized')
  let acknowledged = false
  const died = await table.crashed(point, () => change(size, () => (acknowledged = true)))
  const pod = await untilRight(faulty, 'resized')
  const resized = pod.metadata.generation !== old.metadata.generation
  if (acknowledged) assert.ok(resized, 'the answered PATCH is lost')
  const restarts = restartsOf(old, 'restarts') ?? Number.NaN
  assert.deepEqual(sizesOf(pod.spec), resized ? [size, size] : sizesOf(old.spec))
  assert.equal(containerIds(pod).get('stays'), containerIds(old).get('stays'))
  assert.equal(restartsOf(pod, 'stays'), restartsOf(old, 'stays'))
  assert.equal(restartsOf(pod, 'restarts'), resized ? restarts + 1 : restarts)
  if (point.at.startsWith('node.allocated.after')) await completed(pod)
  return died
}

/** Until it is told that the newest size is there: also where nobody had been told that it was promised. */
async function completed({ metadata: { name, generation } }: Pod): Promise<void> {
  const fieldSelector = `involvedObject.name=${name},reason=ResizeCompleted`
  const told = () => faulty.client.list(events, { namespace: 'default', fieldSelector })
  await waitUntil('the event of the end', told, ({ items }) =>
    (items as readonly PodEvent[]).some(({ message }) =>
      message.endsWith(`"generation":${generation}}`),
    ),
  )
}

/** @param acknowledged called when the API has taken it. */
async function resize(size: TestSize, acknowledged?: () => void): Promise<void> {
  const address = { namespace: 'default', name: 'resized', subresource: 'resize' }
  const body = resizePatch({ stays: size, restarts: size })
  const pod: Pod = await faulty.client.patch(pods, address, { type: 'strategic', body })
  table.see(pod)
  acknowledged?.()
  await untilRight(faulty, 'resized')
}
