import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Pod } from '../../src/domain/pod.ts'
import { pods } from '../../src/kube/object/resource.ts'
import { waitUntil } from '../support/wait-until.ts'
import { leftoversOf, marksOf } from '../support/leftovers.ts'
import { runProgram } from '../support/run-program.ts'
import { podfitProgram } from '../support/podfit-process.ts'
import { FaultyPodfit } from './faulty-podfit.ts'
import { containerIds, restartsOf, sizesOf, untilRight } from './find-faults.ts'
import { large, resizePatch, small, testPod, type TestSize } from './sized-pod.ts'

describe('being stopped in the middle of work', () => {
  let faulty: FaultyPodfit
  let pod: Pod
  before(async () => {
    faulty = await FaultyPodfit.start()
    pod = await createPod(faulty)
  })
  after(() => faulty[Symbol.asyncDispose]())

  it('SIGTERM: it ends well, and what was answered is there', async () => {
    const resizing = resizeUntilStopped(faulty)
    await resizing.underWay()
    const { pid } = faulty.podfit
    assert.equal(await faulty.podfit.stop(), 0)
    assert.throws(() => process.kill(pid, 0))
    await assertWentOn(await resizing.ended)
  })

  it('SIGTERM twice: it ends at once, with nothing lost either', async () => {
    const resizing = resizeUntilStopped(faulty)
    await resizing.underWay()
    process.kill(faulty.podfit.pid, 'SIGTERM')
    await faulty.podfit.stop()
    await assertWentOn(await resizing.ended)
  })

  /** Starts it again: the container never stopped, and has the last size that was answered. */
  async function assertWentOn({ answered, asked }: Resized): Promise<void> {
    await faulty.start()
    const now = await untilRight(faulty, 'only')
    const [size] = sizesOf(now.spec)
    assert.ok(
      [answered, asked].some((one) => JSON.stringify(one) === JSON.stringify(size)),
      `${JSON.stringify(size)} after ${JSON.stringify({ answered, asked })}`,
    )
    assert.deepEqual(containerIds(now), containerIds(pod))
    assert.equal(restartsOf(now, 'a'), 0)
  }
})

it('podfit down ends a podfit that hangs', async () => {
  const faulty = await FaultyPodfit.start()
  try {
    await createPod(faulty)
    const marks = marksOf(faulty.podfit.dataDir)
    process.kill(faulty.podfit.pid, 'SIGSTOP')
    const { code, stderr } = await down(faulty)
    assert.equal(code, 0, stderr)
    await waitUntil('nothing to be left', () => leftoversOf(marks), isEmpty)
  } finally {
    await faulty[Symbol.asyncDispose]()
  }
})

describe('the data directory removed under it', () => {
  it('it says so and ends; podfit down ends the pods', async () => {
    const faulty = await FaultyPodfit.start()
    try {
      await createPod(faulty)
      const marks = marksOf(faulty.podfit.dataDir)
      const ended = faulty.podfit.ended()
      // What is mounted in it stays, as it does for rm -rf.
      await rm(faulty.podfit.dataDir, { recursive: true, force: true }).catch(() => {})
      assert.equal(await ended, 1)
      assert.match(
        faulty.podfit.log,
        /^podfit up: Cannot go on: \S+ was removed while podfit ran in it; end its pods with: podfit down --data-dir \S+$/m,
      )
      const { code, stderr } = await down(faulty)
      assert.equal(code, 0, stderr)
      await waitUntil('nothing to be left', () => leftoversOf(marks), isEmpty)
    } finally {
      await faulty[Symbol.asyncDispose]()
    }
  })

  it('a podfit that starts there anew ends the pods of the one before', async () => {
    const faulty = await FaultyPodfit.start()
    try {
      const old = await createPod(faulty)
      await faulty.podfit.kill9()
      await rm(faulty.podfit.dataDir, { recursive: true, force: true }).catch(() => {})
      await faulty.start()
      const now = await createPod(faulty)
      assert.notEqual(now.metadata.uid, old.metadata.uid)
    } finally {
      await faulty[Symbol.asyncDispose]()
    }
  })
})

async function createPod(faulty: FaultyPodfit): Promise<Pod> {
  await faulty.client.create(pods, testPod('only', [{ name: 'a', size: small }]))
  return untilRight(faulty, 'only')
}

interface Resized {
  /** The last size of which the API said that it has it. */
  readonly answered: TestSize
  /** The one that was under way when it ended. */
  readonly asked: TestSize
}

function resizeUntilStopped({ client }: FaultyPodfit) {
  const address = { namespace: 'default', name: 'only', subresource: 'resize' }
  let times = 0
  async function resize(): Promise<Resized> {
    let [answered, asked] = [small, small]
    for (;;) {
      asked = asked === small ? large : small
      try {
        await client.patch(pods, address, { type: 'strategic', body: resizePatch({ a: asked }) })
      } catch {
        return { answered, asked }
      }
      answered = asked
      times += 1
      // Their pace: somebody who resizes without a pause is another matter.
      await sleep(20)
    }
  }
  const ended = resize()
  return { ended, underWay: () => waitUntil('some resizes', () => times >= 5) }
}

function down({ podfit }: FaultyPodfit) {
  return runProgram(podfitProgram, ['down', '--data-dir', podfit.dataDir, '--purge'], {
    timeoutMs: 60_000,
  })
}

function isEmpty(all: readonly unknown[]): boolean {
  return all.length === 0
}
