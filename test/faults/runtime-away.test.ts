import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openCgroupTree } from '../../src/cgroup/open-cgroup-tree.ts'
import { containerdPaths } from '../../src/containerd/containerd-paths.ts'
import { findContainerd } from '../../src/containerd/containerd-process.ts'
import { startContainerd } from '../../src/containerd/start-containerd.ts'
import type { Pod } from '../../src/domain/pod.ts'
import { events, pods } from '../../src/kube/object/resource.ts'
import { startPrivateContainerd, type PrivateContainerd } from '../cri/private-containerd.ts'
import type { PodEvent } from '../e2e/live-node.ts'
import { catchesTerm } from '../support/catches-term.ts'
import { waitUntil } from '../support/wait-until.ts'
import { FaultyPodfit } from './faulty-podfit.ts'
import {
  containerIds,
  getPod,
  leftoversOfPod,
  podCgroup,
  restartsOf,
  sizesOf,
  uidLabel,
  untilGone,
  untilRight,
} from './find-faults.ts'
import { large, resizePatch, small, testPod, type TestSize } from './sized-pod.ts'

/** How long the runtime is away. */
const awayMs = 10_000

const names = ['first', 'second', 'third']

describe('containerd of podfit itself', () => {
  let faulty: FaultyPodfit
  before(async () => {
    faulty = await FaultyPodfit.start()
    await createPods(faulty)
  })
  after(() => faulty[Symbol.asyncDispose]())

  it('is started again after kill -9, and resizes go on', async () => {
    await assertNothingIsLost(faulty, async () => {
      for (let kills = 0; kills < 3; kills += 1) {
        const pid = containerdOf(faulty)
        process.kill(pid, 'SIGKILL')
        await waitUntil('another containerd', () => ![undefined, pid].includes(seenIn(faulty)))
        await sleep(awayMs / 5)
      }
    })
  })

  it('tells that the process of a sandbox has died: the pod runs again in another', async () => {
    const pod = await create(faulty, 'beheaded')
    const [sandbox] = await sandboxesOf(faulty, pod)
    killFirst(faulty, pod, sandbox?.id)
    await waitUntil(
      'another sandbox',
      () => sandboxesOf(faulty, pod),
      ([newest]) => newest !== undefined && newest.id !== sandbox?.id,
    )
    const after = await untilRunning(faulty, 'beheaded', 1)
    assert.equal(restartsOf(after, 'b'), 1)
    assert.deepEqual(after.status?.podIPs, [{ ip: after.status?.podIP }])
    const isTold = async (): Promise<boolean> => {
      const { items } = await faulty.client.list(events, { namespace: 'default' })
      return (items as readonly PodEvent[]).some(
        ({ reason, message }) =>
          reason === 'SandboxChanged' &&
          message === 'Pod sandbox changed, it will be killed and re-created.',
      )
    }
    await waitUntil('it to be told', isTold)
  })

  it('tells so of a pod that never restarts: it ends, without another sandbox', async () => {
    const { spec, ...pod } = testPod('ended', [{ name: 'a', size: small }])
    await faulty.client.create(pods, { ...pod, spec: { ...spec, restartPolicy: 'Never' } })
    const running = await untilRight(faulty, 'ended')
    const first = firstProcess(faulty, running, containerIds(running).get('a'))
    await waitUntil('its trap to be set', () => catchesTerm(first))
    const before = await sandboxesOf(faulty, running)
    killFirst(faulty, running, before[0]?.id)
    // Its container ends well when it is told to.
    const ended = () => getPod(faulty, 'ended')
    await waitUntil('it to end', ended, ({ status }) => status?.phase === 'Succeeded')
    const after = await sandboxesOf(faulty, running)
    assert.deepEqual(
      after.map(({ id }) => id),
      before.map(({ id }) => id),
    )
    await faulty.client.delete(pods, { namespace: 'default', name: 'ended' })
  })

  it('may hang right after it told that a container has exited', async () => {
    const pod = await untilRunning(faulty, 'beheaded', 1)
    const id = containerIds(pod).get('a') ?? ''
    const [podfit, containerd] = [faulty.podfit.pid, containerdOf(faulty)]
    // podfit stands still meanwhile: it must have been told, and not have looked.
    process.kill(podfit, 'SIGSTOP')
    try {
      killFirst(faulty, pod, id)
      const status = () => faulty.cri.containerStatus(id)
      // By then it has told whoever listens.
      await waitUntil('the end', status, ({ state }) => state === 'exited')
      process.kill(containerd, 'SIGSTOP')
      process.kill(podfit, 'SIGCONT')
      const failed = `Cannot look at container ${id}`
      const log = () => faulty.podfit.lastLogged
      await waitUntil('a look that fails', log, (text) => text.includes(failed), {
        withinMs: 20_000,
      })
    } finally {
      for (const pid of [containerd, podfit]) process.kill(pid, 'SIGCONT')
    }
    await untilRunning(faulty, 'beheaded', 2)
  })

  it('may hang for 10 s', async () => {
    await assertNothingIsLost(faulty, async () => {
      const pid = containerdOf(faulty)
      process.kill(pid, 'SIGSTOP')
      await sleep(awayMs)
      process.kill(pid, 'SIGCONT')
    })
  })
})

describe('containerd of somebody else', () => {
  let runtime: PrivateContainerd
  let faulty: FaultyPodfit
  before(async () => {
    runtime = await startPrivateContainerd()
    faulty = await FaultyPodfit.start({ runtimeEndpoint: runtime.endpoint })
    await createPods(faulty)
  })
  after(async () => {
    await faulty[Symbol.asyncDispose]()
    await runtime.stop()
  })

  it('is waited for: nothing is lost, and why it takes so long is told', async () => {
    const [kept, deleted] = [await untilRight(faulty, 'third'), await create(faulty, 'deleted')]
    const job = await createJob(faulty)
    await assertNothingIsLost(faulty, async () => {
      const { paths } = runtime.containerd
      process.kill(findContainerd(paths) ?? 0, 'SIGKILL')
      await sleep(awayMs / 2)
      await assertError(faulty, kept)
      await resize(faulty, 'job', { a: large })
      await assertError(faulty, job)
      await resize(faulty, 'job', { a: small })
      await faulty.client.create(pods, testPod('created', [{ name: 'only', size: small }]))
      await faulty.client.delete(pods, { namespace: 'default', name: 'deleted' })
      await sleep(awayMs / 2)
      assert.equal(findContainerd(paths), undefined)
      await startContainerd(runtime.options)
    })
    await untilRight(faulty, 'created')
    await untilGone(faulty, 'deleted')
    await waitUntil(
      'nothing to be left of it',
      () => leftoversOfPod(faulty, deleted),
      (left) => left.length === 0,
    )
    await assertDoneOnce(faulty, job)
  })
})

async function createPods(faulty: FaultyPodfit): Promise<void> {
  await Promise.all(names.map((name) => create(faulty, name)))
}

/** Its memory size restarts it; when it is told to end, it has done its work. */
async function createJob(faulty: FaultyPodfit): Promise<Pod> {
  const { spec, ...pod } = testPod('job', [{ name: 'a', size: small, restarts: true }])
  await faulty.client.create(pods, { ...pod, spec: { ...spec, restartPolicy: 'OnFailure' } })
  return untilRight(faulty, 'job')
}

/** A restart that was asked for, and taken back before anybody could be told, is forgotten. */
async function assertDoneOnce(faulty: FaultyPodfit, job: Pod): Promise<void> {
  const ids = containerIds(await untilRight(faulty, 'job'))
  assert.deepEqual(ids, containerIds(job))
  await faulty.cri.stopContainer(ids.get('a') ?? '', 5)
  const ended = await waitUntil(
    'the job to be done',
    () => getPod(faulty, 'job'),
    ({ status }) => status?.phase === 'Succeeded',
  )
  assert.deepEqual(containerIds(ended), ids)
}

async function create(faulty: FaultyPodfit, name: string): Promise<Pod> {
  const containers = ['a', 'b'].map((container) => ({ name: container, size: small }))
  await faulty.client.create(pods, testPod(name, containers))
  return untilRight(faulty, name)
}

/**
 * Resizes the pods over and over while `fault` happens. Every PATCH is answered,
 * in the end each pod has the size that it was given last, and no container was
 * restarted.
 */
async function assertNothingIsLost(
  faulty: FaultyPodfit,
  fault: () => Promise<void>,
): Promise<void> {
  const old = await Promise.all(names.map((name) => untilRight(faulty, name)))
  const over = new AbortController()
  const resized = new Set<string>()
  const resizing = names.map((name) =>
    keepResizing(faulty, name, over.signal, () => resized.add(name)),
  )
  await waitUntil('each to be resized once', () => resized.size === names.length)
  await fault().finally(() => over.abort())
  const sizes = await Promise.all(resizing)
  for (const [at, before] of old.entries()) {
    const pod = await untilRight(faulty, before.metadata.name)
    assert.deepEqual(sizesOf(pod.spec), [sizes[at], sizes[at]])
    assert.deepEqual(containerIds(pod), containerIds(before))
    assert.deepEqual([restartsOf(pod, 'a'), restartsOf(pod, 'b')], [0, 0])
  }
}

/** Gives the last size that was acknowledged. */
async function keepResizing(
  faulty: FaultyPodfit,
  name: string,
  signal: AbortSignal,
  onAnswered: () => void,
): Promise<TestSize> {
  let size = small
  while (!signal.aborted) {
    size = size === small ? large : small
    await resize(faulty, name, { a: size, b: size })
    onAnswered()
    // Their pace: somebody who resizes without a pause is another matter.
    await sleep(300)
  }
  return size
}

async function resize(
  { client }: FaultyPodfit,
  name: string,
  sizes: Readonly<Record<string, TestSize>>,
): Promise<void> {
  const address = { namespace: 'default', name, subresource: 'resize' }
  await client.patch(pods, address, { type: 'strategic', body: resizePatch(sizes) })
}

/** The runtime's text, and the size that the containers have still. */
async function assertError(faulty: FaultyPodfit, { metadata }: Pod): Promise<void> {
  const pod = await waitUntil(
    'the resize to fail',
    () => getPod(faulty, metadata.name),
    ({ status }) =>
      status?.conditions?.some(
        ({ type, reason }) => type === 'PodResizeInProgress' && reason === 'Error',
      ) === true,
  )
  const condition = pod.status?.conditions?.find(({ type }) => type === 'PodResizeInProgress')
  assert.match(condition?.message ?? '', /cannot reach the container runtime/)
}

/** Waits until the pod is ready and its container `a` was restarted so often. */
function untilRunning(faulty: FaultyPodfit, name: string, restarts: number): Promise<Pod> {
  return waitUntil(
    `pod ${name} to run again`,
    () => getPod(faulty, name),
    (pod) =>
      restartsOf(pod, 'a') === restarts &&
      pod.status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True',
    { withinMs: 20_000 },
  )
}

async function sandboxesOf({ cri }: FaultyPodfit, { metadata }: Pod) {
  const all = await cri.listPodSandboxes({ labels: { [uidLabel]: metadata.uid ?? '' } })
  return all.toSorted((a, b) => b.createdAt - a.createdAt)
}

/** Kills the first process of a container, or of a sandbox. */
function killFirst(faulty: FaultyPodfit, pod: Pod, id?: string): void {
  process.kill(firstProcess(faulty, pod, id), 'SIGKILL')
}

function firstProcess({ cgroup }: FaultyPodfit, pod: Pod, id = ''): number {
  const [first] = openCgroupTree().processes(`${podCgroup(pod, cgroup)}/${id}`)
  assert.ok(first !== undefined, `nothing runs in ${id}`)
  return first
}

function containerdOf(faulty: FaultyPodfit): number {
  const pid = seenIn(faulty)
  assert.ok(pid !== undefined)
  return pid
}

function seenIn({ podfit }: FaultyPodfit): number | undefined {
  return findContainerd(containerdPaths(podfit.dataDir))
}
