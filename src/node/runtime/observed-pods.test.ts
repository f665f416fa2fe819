import assert from 'node:assert/strict'
import { test } from 'node:test'
import { podUidLabel } from './labels.ts'
import { ObservedPods } from './observed-pods.ts'
import type { ContainerRuntime } from './container-runtime.ts'
import type { SandboxSummary } from './runtime-sandbox.ts'

const sandbox: SandboxSummary = {
  id: 's1',
  metadata: { name: 'pod', uid: 'u1', namespace: 'default', attempt: 0 },
  state: 'ready',
  createdAt: 1,
  labels: {},
}

const notFound = Object.assign(new Error('no such container'), { code: 'notFound' })

const container = {
  id: 'c1',
  metadata: { name: 'c', attempt: 0 },
  createdAt: 2,
  startedAt: 3,
  exitCode: 0,
  image: 'busybox',
  imageRef: 'sha256:1',
  reason: '',
  message: '',
  labels: { [podUidLabel]: 'u1' },
  annotations: {},
  logPath: '',
}

type State = 'running' | 'exited'

function observedIn(runtime: ContainerRuntime): ObservedPods {
  return new ObservedPods({ runtime, labels: {}, isStarting: () => false, lastWords: () => '' })
}

/** A runtime with pod `u1`, whose calls are noted; sandbox and container are in these states. */
function runtimeWith(now: { sandbox: SandboxSummary['state'][]; container: State }) {
  const calls: string[] = []
  const fail: Error[] = []
  /** Its last state stays. */
  const sandboxState = () => (now.sandbox.length > 1 ? now.sandbox.shift() : now.sandbox[0])
  const noted = async <T>(call: string, answer: T): Promise<T> => {
    calls.push(call)
    const failure = fail.shift()
    if (failure !== undefined) throw failure
    return answer
  }
  const runtime = {
    listPodSandboxes: () => noted('list', [{ ...sandbox, state: sandboxState() ?? 'ready' }]),
    listContainers: () =>
      noted('list', [{ ...container, podSandboxId: 's1', state: now.container }]),
    podSandboxStatus: () => noted('s1', { ...sandbox, state: sandboxState() ?? 'ready', ips: [] }),
    containerStatus: () => noted('c1', { ...container, state: now.container }),
  } as Partial<ContainerRuntime> as ContainerRuntime
  const observed = observedIn(runtime)
  return { observed, calls, fail }
}

test('catching up asks for what is listed otherwise than it is known, and for nothing else', async () => {
  const now = { sandbox: ['ready'] as SandboxSummary['state'][], container: 'running' as State }
  const { observed, calls } = runtimeWith(now)
  assert.deepEqual(await observed.relist(), ['u1'])
  calls.length = 0
  assert.deepEqual(await observed.catchUp(), { changed: [], settled: true })
  assert.deepEqual(calls, ['list', 'list'])
  now.container = 'exited'
  assert.deepEqual(await observed.catchUp(), { changed: ['u1'], settled: true })
  assert.deepEqual(calls.slice(2), ['list', 'list', 'c1'])
  const [one] = observed.get('u1').containers
  assert.deepEqual([one?.state, one?.sandboxId], ['exited', 's1'])
})

test('what an event told stays open until the runtime says so itself', async () => {
  const now = { sandbox: ['ready'] as SandboxSummary['state'][], container: 'running' as State }
  const { observed, fail } = runtimeWith(now)
  await observed.relist()
  fail.push(new Error('away'))
  await assert.rejects(observed.refreshAfter({ kind: 'exited', containerId: 'c1' }), /away/)
  assert.deepEqual(await observed.catchUp(), { changed: [], settled: false })
  now.container = 'exited'
  assert.deepEqual(await observed.catchUp(), { changed: ['u1'], settled: true })
})

test('a sandbox that is told to have ended is asked until it says so', async () => {
  const now = { sandbox: ['ready'] as SandboxSummary['state'][], container: 'running' as State }
  const { observed } = runtimeWith(now)
  await observed.relist()
  now.sandbox = ['ready', 'ready', 'notReady']
  assert.equal(await observed.refreshAfter({ kind: 'exited', containerId: 's1' }), true)
  assert.equal(observed.get('u1').sandboxes[0]?.ready, false)
})

/** A runtime with one sandbox, which takes some turns to say so. */
const runtime = {
  podSandboxStatus: async () => {
    for (let turns = 0; turns < 5; turns += 1) await Promise.resolve()
    return { ...sandbox, ips: ['10.0.0.2'] }
  },
  containerStatus: () => Promise.reject(notFound),
} as Partial<ContainerRuntime> as ContainerRuntime

test('news of a sandbox that nobody has looked at yet does not make it vanish', async () => {
  const observed = observedIn(runtime)
  observed.adopt('s1', { uid: 'u1', kind: 'sandbox' })
  const looking = observed.refreshSandbox('u1', 's1')
  await observed.refreshAfter({ kind: 'started', containerId: 's1' })
  await looking
  assert.deepEqual(
    observed.get('u1').sandboxes.map(({ id, ready }) => [id, ready]),
    [['s1', true]],
  )
  assert.equal(observed.owner('s1'), 'u1')
})

test('an answer that comes after that to a later question is dropped', async () => {
  const answers: ((state: 'ready' | 'notReady') => void)[] = []
  const slow = {
    podSandboxStatus: async () => {
      const { promise, resolve } = Promise.withResolvers<'ready' | 'notReady'>()
      answers.push(resolve)
      return { ...sandbox, state: await promise, ips: [] }
    },
  } as Partial<ContainerRuntime> as ContainerRuntime
  const observed = observedIn(slow)
  const looks = [observed.refreshSandbox('u1', 's1'), observed.refreshSandbox('u1', 's1')]
  answers[1]?.('notReady')
  await looks[1]
  answers[0]?.('ready')
  await looks[0]
  assert.equal(observed.get('u1').sandboxes[0]?.ready, false)
})

test('a start that the run of its pod asked for is no news, until that run has looked', async () => {
  const now = { sandbox: ['ready'] as SandboxSummary['state'][], container: 'running' as State }
  const { observed } = runtimeWith(now)
  const isAwaited = (kind: 'created' | 'started' | 'exited') =>
    observed.isAwaited({ kind, containerId: 'c1' })
  observed.adopt('c1', { uid: 'u1', kind: 'container', isAwaited: true })
  assert.ok(isAwaited('created') && isAwaited('started'))
  assert.ok(!isAwaited('exited'))
  await observed.refreshContainer('u1', 'c1')
  assert.equal(isAwaited('started'), false)
})

test('a start that broke off has not been, where nobody has heard its end', async () => {
  const { startedAt: _at, ...neverStarted } = container
  const exited = { ...neverStarted, state: 'exited', finishedAt: 4, exitCode: 128, reason: 'Error' }
  const runtime = { containerStatus: async () => exited } as Partial<ContainerRuntime>
  for (const [isStarting, state] of [
    [true, 'created'],
    [false, 'exited'],
  ] as const) {
    const options = { labels: {}, isStarting: () => isStarting, lastWords: () => '' }
    const observed = new ObservedPods({ runtime: runtime as ContainerRuntime, ...options })
    await observed.refreshContainer('u1', 'c1', 's1')
    const [one] = observed.get('u1').containers
    assert.deepEqual([one?.state, one?.exitCode], [state, isStarting ? undefined : 128])
  }
})
