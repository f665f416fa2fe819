import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import type { Pod, PodCondition } from '../../src/domain/pod.ts'
import { events, pods } from '../../src/kube/object/resource.ts'
import { slow, waitUntil } from '../support/wait-until.ts'
import { FaultyPodfit } from './faulty-podfit.ts'
import { FaultyRunc } from './faulty-runc.ts'
import { containerIds, getPod, restartsOf, untilRight } from './find-faults.ts'
import { large, resizePatch, resourcesFor, small, testPod, type TestSize } from './sized-pod.ts'

const complaint = 'the test has broken runc'

describe('a resize that the runtime refuses', () => {
  let runc: FaultyRunc
  let faulty: FaultyPodfit
  let old: Pod
  before(async () => {
    runc = new FaultyRunc()
    faulty = await FaultyPodfit.start({ env: runc.env })
    await faulty.client.create(pods, testPod('only', [{ name: 'a', size: small }]))
  })
  beforeEach(async () => {
    old = await untilRight(faulty, 'only')
  })
  after(async () => {
    await faulty[Symbol.asyncDispose]()
    runc[Symbol.dispose]()
  })

  it('is told with its words, shows the old size, is tried again and succeeds', async () => {
    failNext(3)
    const asked = await resize(large)
    const failed = await untilFailed()
    assert.match(progressOf(failed)?.message ?? '', new RegExp(complaint))
    assert.equal(progressOf(failed)?.observedGeneration, asked.metadata.generation)
    assert.deepEqual(failed.spec.containers[0]?.resources, resourcesFor(large))
    const [shown] = failed.status?.containerStatuses ?? []
    assert.deepEqual(shown?.resources, resourcesFor(small))
    assert.deepEqual(shown?.allocatedResources, resourcesFor(large).requests)
    await untilTold('ResizeError', complaint)
    await assertLarge()
    await untilTold('ResizeCompleted', '"generation":2')
    assertBackedOff(runc.calls('update').map(({ at }) => at))
  })

  it('may be taken back while it fails', async () => {
    failNext()
    await resize(small)
    await untilFailed()
    await resize(large)
    assert.equal(progressOf(await untilFailed())?.reason, 'Error')
    runc.heal()
    await assertLarge()
  })

  it('is still told after kill -9, and goes on', async () => {
    failNext()
    await resize(small)
    await untilFailed()
    await faulty.podfit.kill9()
    await faulty.start()
    assert.match(progressOf(await getPod(faulty, 'only'))?.message ?? '', new RegExp(complaint))
    runc.heal()
    failNext(1)
    await untilRight(faulty, 'only')
  })

  function failNext(times?: number): void {
    const does = { fails: complaint }
    runc.forgetCalls()
    runc.add(times === undefined ? { verb: 'update', does } : { verb: 'update', times, does })
  }

  async function assertLarge(): Promise<void> {
    const done = await untilRight(faulty, 'only')
    assert.deepEqual(done.spec.containers[0]?.resources, resourcesFor(large))
    assert.deepEqual(containerIds(done), containerIds(old))
    assert.equal(restartsOf(done, 'a'), 0)
  }

  function resize(size: TestSize): Promise<Pod> {
    const address = { namespace: 'default', name: 'only', subresource: 'resize' }
    return faulty.client.patch(pods, address, {
      type: 'strategic',
      body: resizePatch({ a: size }),
    })
  }

  function untilFailed(): Promise<Pod> {
    return waitUntil(
      'the resize to fail',
      () => getPod(faulty, 'only'),
      (pod) =>
        progressOf(pod)?.reason === 'Error' &&
        pod.status?.observedGeneration === pod.metadata.generation,
    )
  }

  async function untilTold(reason: string, text: string): Promise<void> {
    await waitUntil(
      `an event ${reason}`,
      async () => (await faulty.client.list(events)).items as readonly object[] as PodEvent[],
      (all) => all.some((one) => one.reason === reason && one.message.includes(text)),
    )
  }
})

interface PodEvent {
  readonly reason: string
  readonly message: string
}

function progressOf({ status }: Pod): PodCondition | undefined {
  return status?.conditions?.find(({ type }) => type === 'PodResizeInProgress')
}

/** Each wait is longer than the one before; a second is the first. */
function assertBackedOff(tries: readonly number[]): void {
  const waits = tries.slice(1).map((at, index) => at - (tries[index] ?? 0))
  assert.equal(waits.length, 3, `tried at ${tries.join(', ')}`)
  for (const [index, wait] of waits.entries()) {
    assert.ok(wait >= 900 * 2 ** index && wait < slow(4000 * 2 ** index), `waits ${waits.join()}`)
  }
}
