import assert from 'node:assert/strict'
import { after, before, test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Pod } from '../../src/domain/pod.ts'
import { isKubeError } from '../../src/kube/kube-error.ts'
import { pods } from '../../src/kube/resource.ts'
import { slow, slowness, waitUntil } from '../support/wait-until.ts'
import { FaultyPodfit } from './faulty-podfit.ts'
import {
  containerIds,
  getPod,
  leftoversOfPod,
  restartsOf,
  sizesOf,
  strayPods,
  untilRight,
} from './find-faults.ts'
import { large, resizePatch, small, testPod, type TestSize } from './sized-pod.ts'

/*
 * Which steps there are is not written down here: each story runs once without
 * a crash and tells. In the guest, where a start takes ten times as long, each
 * step is tried once, and only those of a resize.
 */
const wholeTable = slowness === 1

let faulty: FaultyPodfit
/** The newest resourceVersion that anybody was shown. */
let newest = 0

before(async () => {
  faulty = await FaultyPodfit.start()
  const resized = testPod('resized', [
    { name: 'stays', size: small },
    { name: 'restarts', size: small, restarts: true },
  ])
  await faulty.client.create(pods, resized)
  await untilRight(faulty, 'resized')
})
after(() => faulty[Symbol.asyncDispose]())

test('kill -9 at each step of a resize', async (t) => {
  const upwards = await stepsOf(() => resize(large))
  const downwards = await stepsOf(() => resize(small))
  // Where both directions come by, they take turns; a step of one only is tried in that.
  const both = new Set(upwards).intersection(new Set(downwards))
  await crashAtEach(t, [...new Set([...upwards, ...downwards])], async (point) => {
    if (!both.has(point)) await resize(upwards.includes(point) ? small : large)
    return crashInResize(point)
  })
})

test(
  'kill -9 at each step of a pod that starts, and of one that is deleted',
  { skip: !wholeTable },
  async (t) => {
    const starting = await stepsOf(() => create('new'))
    const ending = await stepsOf(() => remove('new'))
    await crashAtEach(t, starting, crashInStart)
    await crashAtEach(t, ending, crashInEnd)
  },
)

/** Every step that `story` takes, as `name:n` for its n-th time. */
async function stepsOf(story: () => Promise<unknown>): Promise<readonly string[]> {
  await quiet()
  faulty.takeSteps()
  await story()
  await quiet()
  const times = new Map<string, number>()
  return faulty.takeSteps().map((step) => {
    const time = (times.get(step) ?? 0) + 1
    times.set(step, time)
    return `${step}:${time}`
  })
}

/** Events are written behind, when nobody waits for them. */
function quiet(): Promise<void> {
  return sleep(slow(400))
}

async function crashAtEach(
  t: TestContext,
  points: readonly string[],
  crash: (point: string) => Promise<boolean>,
): Promise<void> {
  const chosen = wholeTable ? points : points.filter((point) => point.endsWith(':1'))
  const reached = new Set<string>()
  const tried = new Set<string>()
  for (const point of chosen) {
    await t.test(point, async (one) => {
      if (await crash(point)) reached.add(nameOf(point))
      // Commits of one turn share a transaction, so their number varies.
      else one.diagnostic('it was done before it came to this point')
      await assertNothingStrays()
      tried.add(point)
    })
    // After a failure the pods are in a state that says nothing about later steps.
    if (!tried.has(point)) return
  }
  const missed = new Set(chosen.map(nameOf)).difference(reached)
  assert.deepEqual([...missed], [], 'no crash at these steps')
}

function nameOf(point: string): string {
  return point.slice(0, point.lastIndexOf(':'))
}

/** Runs the story with a crash at the point, starts podfit again; whether it crashed. */
async function crashed(point: string, story: () => Promise<unknown>): Promise<boolean> {
  faulty.arm(point)
  const died = await faulty.diesDuring(async () => {
    await story()
    await quiet()
  })
  if (died) await faulty.start()
  else faulty.disarm()
  return died
}

async function crashInResize(point: string): Promise<boolean> {
  const old = await untilRight(faulty, 'resized')
  const size = sizesOf(old.spec)[0]?.cpu[0] === small.cpu[0] ? large : small
  let acknowledged: Pod | undefined
  const died = await crashed(point, async () => {
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
  await assertVersionWentOn()
  return died
}

async function crashInStart(point: string): Promise<boolean> {
  const name = `new-${point.replaceAll(/[^a-z0-9]/g, '-')}`
  let acknowledged = false
  const died = await crashed(point, async () => {
    await faulty.client.create(pods, testPod(name, [{ name: 'only', size: small }]))
    acknowledged = true
    await untilRight(faulty, name)
  })
  if (acknowledged || (await exists(name))) {
    const pod = await untilRight(faulty, name)
    assert.equal(restartsOf(pod, 'only'), 0)
    await remove(name)
  }
  await assertVersionWentOn()
  return died
}

async function crashInEnd(point: string): Promise<boolean> {
  const pod = await create('old')
  let acknowledged = false
  const died = await crashed(point, async () => {
    await faulty.client.delete(pods, { namespace: 'default', name: 'old' })
    acknowledged = true
    await untilGone('old')
  })
  if (acknowledged) await untilGone('old')
  else if (await exists('old')) await remove('old')
  await waitUntil('nothing to be left of the pod', () => leftoversOfPod(faulty, pod), isEmpty)
  await assertVersionWentOn()
  return died
}

async function patchSize(size: TestSize): Promise<Pod> {
  const pod = await faulty.client.patch(
    pods,
    { namespace: 'default', name: 'resized', subresource: 'resize' },
    { type: 'strategic', body: resizePatch({ stays: size, restarts: size }) },
  )
  newest = Math.max(newest, Number(pod.metadata.resourceVersion))
  return pod
}

async function resize(size: TestSize): Promise<void> {
  await patchSize(size)
  await untilRight(faulty, 'resized')
}

async function create(name: string): Promise<Pod> {
  await faulty.client.create(pods, testPod(name, [{ name: 'only', size: small }]))
  return untilRight(faulty, name)
}

async function remove(name: string): Promise<void> {
  await faulty.client.delete(pods, { namespace: 'default', name })
  await untilGone(name)
}

async function untilGone(name: string): Promise<void> {
  await waitUntil(`pod ${name} to be gone`, async () => !(await exists(name)))
}

async function exists(name: string): Promise<boolean> {
  try {
    await getPod(faulty, name)
    return true
  } catch (error) {
    if (isKubeError(error, 'NotFound')) return false
    throw error
  }
}

async function assertVersionWentOn(): Promise<void> {
  const { metadata } = await faulty.client.list(pods)
  const version = Number(metadata.resourceVersion)
  assert.ok(version >= newest, `resourceVersion ${version} after ${newest}`)
  newest = version
}

async function assertNothingStrays(): Promise<void> {
  await waitUntil('no stray container', () => strayPods(faulty), isEmpty)
}

function isEmpty(all: readonly unknown[]): boolean {
  return all.length === 0
}
