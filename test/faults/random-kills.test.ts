import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Pod } from '../../src/domain/pod.ts'
import { isKubeError, KubeError } from '../../src/kube/client/kube-error.ts'
import { pods } from '../../src/kube/object/resource.ts'
import { slowness, waitUntil } from '../support/wait-until.ts'
import { FaultyPodfit } from './faulty-podfit.ts'
import {
  containerIds,
  leftoversOfPod,
  podExists,
  restartsOf,
  sizesOf,
  strayPods,
  untilGone,
  untilRight,
} from './find-faults.ts'
import { resizePatch, testPod, type TestSize } from './sized-pod.ts'

/** Fewer in the guest, where a round takes ten times as long. */
const rounds = slowness === 1 ? 5 : 2
const seed = Number(process.env['PODFIT_TEST_SEED'] ?? Date.now() % 2 ** 31)

const resized = ['r0', 'r1', 'r2']
/** Little CPU is asked for: all of them have to fit where there is one, too. */
const small: TestSize = { cpu: [10, 200], memory: [32, 64] }
const middle: TestSize = { cpu: [15, 300], memory: [48, 96] }
const large: TestSize = { cpu: [20, 400], memory: [64, 128] }
const sizes = [small, middle, large]

let faulty: FaultyPodfit
const random = numbers(seed)
/** The newest resourceVersion that anybody was shown. */
let newest = 0

before(async () => {
  faulty = await FaultyPodfit.start()
  for (const name of resized) {
    await faulty.client.create(
      pods,
      testPod(name, [
        { name: 'stays', size: small },
        { name: 'restarts', size: small, restarts: true },
      ]),
    )
  }
  for (const name of resized) await untilRight(faulty, name)
})
after(() => faulty[Symbol.asyncDispose]())

for (let round = 0; round < rounds; round += 1) {
  test(`kill -9 at random moments, round ${round} of seed ${seed}`, async () => {
    const old = await Promise.all(resized.map((name) => untilRight(faulty, name)))
    const load = [
      ...resized.map((name) => resizeUntilDeath(name)),
      ...[0, 1].map((worker) => createUntilDeath(`round${round}-${worker}`)),
    ] as const
    await sleep((200 + random() * 2000) * slowness)
    await faulty.podfit.kill9()
    const notes = await Promise.all(load)
    await killWhileStarting()
    await faulty.start()
    await assertVersionWentOn()
    for (const pod of old)
      await assertResized(
        pod,
        notes.flatMap(({ wanted }) => wanted),
      )
    for (const note of notes.flatMap(({ made }) => made)) await assertLife(note)
    await waitUntil('no stray container', () => strayPods(faulty), isEmpty)
  })
}

interface Notes {
  /** Sizes that a pod may have: the last that was answered, and one that was under way. */
  readonly wanted: readonly { readonly name: string; readonly sizes: readonly TestSize[] }[]
  readonly made: readonly Life[]
}

/** What was asked for a pod of its own; the last step may have been done or not. */
interface Life {
  readonly name: string
  created: 'asked' | 'answered'
  deleted?: 'asked' | 'answered'
  pod?: Pod
}

async function resizeUntilDeath(name: string): Promise<Notes> {
  let answered: TestSize | undefined
  for (;;) {
    const size = sizes[Math.floor(random() * sizes.length)] ?? small
    try {
      const address = { namespace: 'default', name, subresource: 'resize' }
      const body = resizePatch({ stays: size, restarts: size })
      see(await faulty.client.patch(pods, address, { type: 'strategic', body }))
      answered = size
    } catch (error) {
      expectDeath(error)
      return { wanted: [{ name, sizes: [size, ...(answered ? [answered] : [])] }], made: [] }
    }
    await sleep(random() * 400 * slowness)
  }
}

async function createUntilDeath(prefix: string): Promise<Notes> {
  const made: Life[] = []
  try {
    for (;;) {
      const life: Life = { name: `${prefix}-${made.length}`, created: 'asked' }
      made.push(life)
      const pod = testPod(life.name, [{ name: 'only', size: small }])
      life.pod = await faulty.client.create(pods, pod)
      see(life.pod)
      life.created = 'answered'
      await sleep(random() * 1500 * slowness)
      if (random() < 0.4) continue
      life.deleted = 'asked'
      await faulty.client.delete(pods, { namespace: 'default', name: life.name })
      life.deleted = 'answered'
    }
  } catch (error) {
    expectDeath(error)
    return { wanted: [], made }
  }
}

/** A start may be killed as well, once each round. */
async function killWhileStarting(): Promise<void> {
  const starting = faulty.start().catch(() => {})
  await sleep(random() * 1500 * slowness)
  await faulty.podfit.kill9()
  await starting
}

async function assertResized(old: Pod, wanted: Notes['wanted']): Promise<void> {
  const { name } = old.metadata
  const pod = await untilRight(faulty, name)
  const allowed = [...(wanted.find((one) => one.name === name)?.sizes ?? []), sizesOf(old.spec)[0]]
  const [size] = sizesOf(pod.spec)
  const last = wanted.find((one) => one.name === name)?.sizes ?? []
  assert.ok(
    // Before the first answer the old size is right, too.
    (last.length > 1 ? last : allowed).some((one) => JSON.stringify(one) === JSON.stringify(size)),
    `${name} has ${JSON.stringify(size)}, wanted ${JSON.stringify(last)}`,
  )
  assert.equal(containerIds(pod).get('stays'), containerIds(old).get('stays'))
  assert.equal(restartsOf(pod, 'stays'), 0)
}

async function assertLife({ name, created, deleted, pod }: Life): Promise<void> {
  const there = await podExists(faulty, name)
  if (deleted === 'answered') {
    await untilGone(faulty, name)
  } else if (created === 'answered' && deleted === undefined) {
    assert.ok(there, `the answered creation of ${name} is lost`)
  }
  if (there && deleted === undefined) {
    assert.equal(restartsOf(await untilRight(faulty, name), 'only'), 0)
  }
  if (deleted !== 'answered' && (await podExists(faulty, name))) {
    await faulty.client.delete(pods, { namespace: 'default', name }).catch(ignoreGone)
    await untilGone(faulty, name)
  }
  if (pod === undefined) return
  await waitUntil(`nothing of pod ${name}`, () => leftoversOfPod(faulty, pod), isEmpty)
}

function ignoreGone(error: unknown): void {
  if (!isKubeError(error, 'NotFound')) throw error
}

/** A broken connection is what a kill looks like from outside; an answer that refuses is not. */
function expectDeath(error: unknown): void {
  if (!(error instanceof KubeError) || error.code !== 0) throw error
}

function see({ metadata }: Pod): void {
  newest = Math.max(newest, Number(metadata.resourceVersion))
}

async function assertVersionWentOn(): Promise<void> {
  const { metadata } = await faulty.client.list(pods)
  const version = Number(metadata.resourceVersion)
  assert.ok(version >= newest, `resourceVersion ${version} after ${newest}`)
  newest = version
}

function isEmpty(all: readonly unknown[]): boolean {
  return all.length === 0
}

/** Numbers from 0 to 1 that only `start` decides (mulberry32). */
function numbers(start: number): () => number {
  let state = start
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
