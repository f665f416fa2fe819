import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Pod } from '../../src/domain/pod.ts'
import { events, pods } from '../../src/kube/object/resource.ts'
import { slow, slowness, waitUntil } from '../support/wait-until.ts'
import { FaultyPodfit } from './faulty-podfit.ts'
import { type AddedFault, FaultyRunc, type Verb } from './faulty-runc.ts'
import {
  containerIds,
  getPod,
  leftoversOfPod,
  restartsOf,
  untilGone,
  untilRight,
} from './find-faults.ts'
import { large, resizePatch, small, testPod } from './sized-pod.ts'

/** How long a call may take: on a slow machine so many at once take longer by themselves. */
const deadlineMs = slowness === 1 ? 8000 : 20_000
const noAnswer = new RegExp(
  `no answer .* within ${deadlineMs} ms \\(the container runtime did not answer: look at`,
)

async function startHanging() {
  const runc = new FaultyRunc()
  const args = [`--runtime-request-timeout=${deadlineMs / 1000}s`]
  return { runc, faulty: await FaultyPodfit.start({ env: runc.env, args }) }
}

async function endHanging(runc: FaultyRunc, faulty: FaultyPodfit): Promise<void> {
  runc.heal()
  await faulty[Symbol.asyncDispose]()
  runc[Symbol.dispose]()
}

// Most of the time nothing happens here: a deadline is waited for. So all wait together.
describe('a call of runc that hangs', { concurrency: slowness === 1 ? true : 4 }, () => {
  let runc: FaultyRunc
  let faulty: FaultyPodfit
  before(async () => ({ runc, faulty } = await startHanging()))
  after(() => endHanging(runc, faulty))

  it('update: ends at its deadline, is told, tried again, and holds up nobody else', async () => {
    const [old] = await Promise.all([create('updated'), create('other')])
    const fault = hang('update', 'updated')
    await resize('updated')
    await waitUntil('the update to begin', () => fault.isUsedUp())
    await resize('other')
    await untilRight(faulty, 'other')
    // The next try follows so soon that the condition is easily missed.
    const fieldSelector = 'involvedObject.name=updated,reason=ResizeError'
    await waitUntil(
      'the end of the update to be told',
      async () => (await faulty.client.list(events, { namespace: 'default', fieldSelector })).items,
      (all) => all.some((one) => noAnswer.test((one as { message?: string }).message ?? '')),
      { withinMs: 30_000 },
    )
    const pod = await untilRight(faulty, 'updated')
    assert.deepEqual(containerIds(pod), containerIds(old))
    assert.equal(restartsOf(pod, 'of-updated'), 0)
    assert.match(faulty.podfit.lastLogged, /Calls of runc hung and were ended/)
  })

  for (const verb of ['create', 'start'] as const) {
    it(`${verb}: is named, made anew, and is no crash`, async () => {
      const name = `made-${verb}`
      hang(verb, name)
      await faulty.client.create(pods, podOf(name))
      assert.match(await watchedFailure(name), noAnswer)
      const pod = await untilRight(faulty, name)
      assert.equal(restartsOf(pod, `of-${name}`), 0)
      assert.deepEqual(pod.status?.containerStatuses?.[0]?.lastState, {})
    })

    it(`${verb}: the pod may be deleted meanwhile`, async () => {
      const name = `unmade-${verb}`
      const fault = hang(verb, name)
      await faulty.client.create(pods, podOf(name))
      await waitUntil('it to begin', () => fault.isUsedUp())
      await remove(await getPod(faulty, name))
    })
  }

  for (const verb of ['create', 'start'] as const) {
    it(`${verb} of a sandbox: the pod gets another`, async () => {
      const name = `boxed-${verb}`
      // The first call that knows of the pod.
      runc.add({ verb, of: name, times: 1, does: 'hangs' })
      await faulty.client.create(pods, podOf(name))
      const pod = await untilRight(faulty, name)
      assert.equal(restartsOf(pod, `of-${name}`), 0)
    })
  }

  for (const verb of ['kill', 'delete'] as const) {
    it(`${verb}: the pod leaves all the same`, async () => {
      const pod = await create(`left-${verb}`)
      hang(verb, pod.metadata.name)
      await remove(pod)
    })

    it(`${verb}: a container that its size restarts is restarted once`, async () => {
      const name = `again-${verb}`
      const old = await create(name, true)
      hang(verb, name)
      await resize(name)
      const pod = await untilRight(faulty, name)
      assert.equal(restartsOf(pod, `of-${name}`), 1)
      assert.notDeepEqual(containerIds(pod), containerIds(old))
    })
  }

  /** The next such call for the pod's container. */
  function hang(verb: Verb, pod: string): AddedFault {
    return runc.add({ verb, of: `of-${pod}`, times: 1, does: 'hangs' })
  }

  function podOf(name: string, restarts = false): Pod {
    return testPod(name, [{ name: `of-${name}`, size: small, restarts }])
  }

  /** Why its container cannot run: the next try follows so soon that only a watch is sure to see it. */
  async function watchedFailure(name: string): Promise<string> {
    const signal = AbortSignal.timeout(slow(30_000))
    const one = { namespace: 'default', fieldSelector: `metadata.name=${name}`, signal }
    for await (const { object } of faulty.client.watch(pods, one)) {
      const { status } = object as Pod
      const { reason, message } = status?.containerStatuses?.[0]?.state?.waiting ?? {}
      if (reason === 'RunContainerError') return message ?? ''
    }
    return 'told by no status'
  }

  async function create(name: string, restarts?: boolean): Promise<Pod> {
    await faulty.client.create(pods, podOf(name, restarts))
    return untilRight(faulty, name)
  }

  async function resize(name: string): Promise<void> {
    const address = { namespace: 'default', name, subresource: 'resize' }
    const body = resizePatch({ [`of-${name}`]: large })
    await faulty.client.patch(pods, address, { type: 'strategic', body })
  }

  async function remove(pod: Pod): Promise<void> {
    const { name } = pod.metadata
    await faulty.client.delete(pods, { namespace: 'default', name })
    await untilGone(faulty, name)
    await waitUntil(
      'nothing to be left of it',
      () => leftoversOfPod(faulty, pod),
      (left) => left.length === 0,
    )
  }
})

describe('podfit that dies while it kills in the place of a runc that hangs', () => {
  let runc: FaultyRunc
  let faulty: FaultyPodfit
  before(async () => ({ runc, faulty } = await startHanging()))
  after(() => endHanging(runc, faulty))

  it('restarts the container once, and gives its pod its quota again', async () => {
    const size = { name: 'of-late', size: small, restarts: true }
    await faulty.client.create(pods, testPod('late', [size]))
    await untilRight(faulty, 'late')
    runc.add({ verb: 'kill', of: 'of-late', times: 1, does: 'hangs' })
    faulty.arm('node.unthrottle.after')
    const address = { namespace: 'default', name: 'late', subresource: 'resize' }
    const body = resizePatch({ 'of-late': large })
    await faulty.client.patch(pods, address, { type: 'strategic', body })
    await waitUntil('podfit to die', () => !faulty.running, Boolean, { withinMs: 30_000 })
    await faulty.start()
    assert.equal(restartsOf(await untilRight(faulty, 'late'), 'of-late'), 1)
  })
})
