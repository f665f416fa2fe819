import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Pod } from '../../src/domain/pod.ts'
import { pods } from '../../src/kube/object/resource.ts'
import { waitUntil } from '../support/wait-until.ts'
import { byTurns, type CrashPoint, CrashTable } from './crash-table.ts'
import { FaultyPodfit } from './faulty-podfit.ts'
import { leftoversOfPod, podExists, restartsOf, untilGone, untilRight } from './find-faults.ts'
import { small, testPod } from './sized-pod.ts'

const name = 'short-lived'

let faulty: FaultyPodfit
let table: CrashTable

before(async () => {
  faulty = await FaultyPodfit.start()
  table = new CrashTable(faulty)
})
after(() => faulty[Symbol.asyncDispose]())

test('kill -9 at each step of a pod that starts, and of one that is deleted', async (t) => {
  const starts = await table.pointsOf('start', create)
  const ends = await table.pointsOf('end', remove)
  await table.crashAtEach(t, byTurns(starts, ends), (point) =>
    point.story === 'start' ? crashInStart(point) : crashInEnd(point),
  )
})

async function crashInStart(point: CrashPoint): Promise<boolean> {
  if (await podExists(faulty, name)) await remove()
  let acknowledged = false
  const died = await table.crashed(point, async () => {
    const pod = testPod(name, [{ name: 'only', size: small }])
    table.see(await faulty.client.create(pods, pod))
    acknowledged = true
    await untilRight(faulty, name)
  })
  if (acknowledged || (await podExists(faulty, name))) {
    assert.equal(restartsOf(await untilRight(faulty, name), 'only'), 0)
  }
  return died
}

async function crashInEnd(point: CrashPoint): Promise<boolean> {
  const there = await podExists(faulty, name)
  const pod = there ? await untilRight(faulty, name) : await create()
  let acknowledged = false
  const died = await table.crashed(point, async () => {
    await faulty.client.delete(pods, { namespace: 'default', name })
    acknowledged = true
    await untilGone(faulty, name)
  })
  if (acknowledged) await untilGone(faulty, name)
  else if (await podExists(faulty, name)) await remove()
  await waitUntil('nothing to be left of the pod', () => leftoversOfPod(faulty, pod), isEmpty)
  return died
}

async function create(): Promise<Pod> {
  await faulty.client.create(pods, testPod(name, [{ name: 'only', size: small }]))
  return untilRight(faulty, name)
}

async function remove(): Promise<void> {
  await faulty.client.delete(pods, { namespace: 'default', name })
  await untilGone(faulty, name)
}

function isEmpty(all: readonly unknown[]): boolean {
  return all.length === 0
}
