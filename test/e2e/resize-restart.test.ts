import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Container, Pod, PodSpec, ResourceRequirements } from '../../src/domain/pod.ts'
import { catchesTerm } from '../support/catches-term.ts'
import { slow, waitUntil } from '../support/wait-until.ts'
import { containerCgroup, expectCgroups, expectQosCgroups, podCgroup } from './expect-size.ts'
import { conditionOf, idle, isRunning, LiveNode, obedient, statusOf } from './live-node.ts'

const mebi = 1024 * 1024

let node: LiveNode

/** Limits of CPU are ample: they hold for the start of a container, too, which would take long. */
function size(cpu: string, memory: string, cpuRequest = '5m'): ResourceRequirements {
  return { requests: { cpu: cpuRequest, memory: '16Mi' }, limits: { cpu, memory } }
}

/** Tells in its log with which memory limit it was started, by its own view of the kernel. */
const tellsLimit = `cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null`

const memoryRestarts = [
  { resourceName: 'cpu', restartPolicy: 'NotRequired' },
  { resourceName: 'memory', restartPolicy: 'RestartContainer' },
]

function restarting(script = `${tellsLimit}; ${obedient[2]}`): Container {
  return {
    ...idle('app', size('400m', '32Mi')),
    command: ['sh', '-c', script],
    resizePolicy: memoryRestarts,
  }
}

const stubborn = `trap "" TERM; ${tellsLimit}; echo started; while :; do sleep 0.1; done`

/** A postStart hook that takes until it is told to go on, if it is told to wait. */
const waits =
  '[ ! -e /kept/wait ] || { touch /kept/hooked; until [ -e /kept/go ]; do sleep 0.1; done; }'

const specs: Readonly<Record<string, PodSpec>> = {
  mixed: { containers: [restarting(), idle('side', size('200m', '32Mi'))] },
  'on-failure': { restartPolicy: 'OnFailure', containers: [restarting()] },
  stubborn: {
    terminationGracePeriodSeconds: 4,
    containers: [restarting(stubborn), idle('side', size('200m', '32Mi'))],
  },
  full: {
    volumes: [{ name: 'kept', emptyDir: {} }],
    containers: [
      {
        ...restarting(),
        lifecycle: { postStart: { exec: { command: ['sh', '-c', waits] } } },
        volumeMounts: [{ name: 'kept', mountPath: '/kept' }],
      },
    ],
  },
}

before(async () => {
  node = await LiveNode.start()
  await Promise.all(Object.entries(specs).map(([name, spec]) => node.run(name, spec)))
})
after(() => node?.[Symbol.asyncDispose]())

function to(sizes: Readonly<Record<string, ResourceRequirements>>) {
  return { containers: Object.entries(sizes).map(([name, resources]) => ({ name, resources })) }
}

const logsOf = (pod: string, container = 'app'): Promise<string> =>
  node.kubectl.run(['logs', pod, '-c', container])

/** Until `app` ends well when it is told to. */
async function isObedient(name: string): Promise<void> {
  const cgroup = containerCgroup(node, await node.get(name), 'app')
  await waitUntil(`the trap of pod ${name} to be set`, () =>
    node.tree.processes(cgroup, { recursive: true }).some(catchesTerm),
  )
}

/** Until the log of `app` tells its memory limit, once: it is written beside the start. */
async function tellsMemory(pod: string, mebibytes: number): Promise<void> {
  await waitUntil(
    `pod ${pod} to say that it has ${mebibytes} MiB`,
    () => logsOf(pod),
    (log) => (log.match(/^\d+$/gm) ?? []).join() === String(mebibytes * mebi),
  )
}

/** Until `app` runs as the `count`-th restart and everything has its size. */
async function restarted(name: string, count: number): Promise<Pod> {
  const pod = await node.until(
    name,
    `run after ${count} restarts`,
    (one) => isRunning(one) && statusOf(one, 'app').restartCount === count,
    { withinMs: 20_000 },
  )
  assert.equal(pod.metadata.name, name)
  const settled = await node.settled(name)
  expectCgroups(node, settled)
  await expectQosCgroups(node)
  const { spec } = settled
  for (const container of spec.containers) {
    const { resources } = statusOf(settled, container.name)
    assert.deepEqual(resources, container.resources)
  }
  return settled
}

test('one restart, with the new size from its start; the other container goes on', async () => {
  const before = await node.get('mixed')
  await isObedient('mixed')
  await node.resize('mixed', to({ app: size('800m', '64Mi'), side: size('320m', '48Mi') }))
  const pod = await restarted('mixed', 1)
  const [was, is] = [statusOf(before, 'app'), statusOf(pod, 'app')]
  assert.notEqual(is.containerID, was.containerID)
  assert.equal(is.lastState?.terminated?.containerID, was.containerID)
  // It traps SIGTERM and ends with 0.
  assert.deepEqual(
    [is.lastState?.terminated?.exitCode, is.lastState?.terminated?.reason],
    [0, 'Completed'],
  )
  const side = statusOf(pod, 'side')
  assert.deepEqual([side.containerID, side.restartCount], [statusOf(before, 'side').containerID, 0])
  assert.equal(pod.status?.podIP, before.status?.podIP)
  await tellsMemory('mixed', 64)
  assert.equal(node.tree.read(podCgroup(node, pod)).memoryLimit, 112 * mebi)
  await node.told('mixed', 'Killing', 'Container app resize requires restart')
  const killings = await node.events('mixed', 'Killing')
  assert.deepEqual(
    killings.map(({ count = 1, type }) => [count, type]),
    [[1, 'Normal']],
  )
  const sizes =
    '[{"name":"app","resources":{"limits":{"cpu":"800m","memory":"64Mi"},"requests":{"cpu":"5m","memory":"16Mi"}}},{"name":"side","resources":{"limits":{"cpu":"320m","memory":"48Mi"},"requests":{"cpu":"5m","memory":"16Mi"}}}]'
  for (const [reason, verb] of [
    ['ResizeStarted', 'started'],
    ['ResizeCompleted', 'completed'],
  ] as const) {
    await node.told('mixed', reason, `Pod resize ${verb}: {"containers":${sizes},"generation":2}`)
  }
})

test('what its policy does not name is resized in place', async () => {
  const before = await node.get('mixed')
  await node.resize('mixed', to({ app: size('600m', '64Mi') }))
  const pod = await restarted('mixed', 1)
  assert.equal(statusOf(pod, 'app').containerID, statusOf(before, 'app').containerID)
  assert.equal(node.tree.read(containerCgroup(node, pod, 'app')).cpuQuota, 60_000)
})

test('a memory request alone restarts it, too', async () => {
  await node.resize('mixed', to({ app: { requests: { memory: '24Mi' } } }))
  const pod = await restarted('mixed', 2)
  assert.equal(statusOf(pod, 'side').restartCount, 0)
  assert.equal(pod.status?.phase, 'Running')
  const killings = await waitUntil(
    'the second event',
    () => node.events('mixed', 'Killing'),
    (all) => all.reduce((sum, { count = 1 }) => sum + count, 0) === 2,
  )
  assert.ok(killings.every(({ message }) => message === 'Container app resize requires restart'))
})

test('restartPolicy OnFailure does not keep it from starting again', async () => {
  await isObedient('on-failure')
  await node.resize('on-failure', to({ app: size('400m', '48Mi') }))
  const pod = await restarted('on-failure', 1)
  assert.equal(statusOf(pod, 'app').lastState?.terminated?.exitCode, 0)
  await tellsMemory('on-failure', 48)
  assert.equal(pod.status?.phase, 'Running')
})

test('restartPolicy Never allows no such policy', async () => {
  const input = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'never' },
    spec: { restartPolicy: 'Never', containers: [restarting()] },
  })
  const { code, stderr } = await node.kubectl.try(['create', '-f', '-'], { input })
  assert.equal(code, 1)
  assert.equal(
    stderr,
    'The Pod "never" is invalid: spec.containers[0].resizePolicy: Invalid value: "RestartContainer": must be \'NotRequired\' when pod `restartPolicy` is \'Never\'\n',
  )
})

test('its grace period is kept, and nobody else waits for it', async () => {
  await waitUntil(
    'its trap to be set',
    () => logsOf('stubborn'),
    (log) => log.includes('started'),
  )
  const before = await node.get('stubborn')
  const begin = performance.now()
  await node.resize('stubborn', to({ app: size('400m', '64Mi'), side: size('360m', '32Mi') }))
  const side = containerCgroup(node, before, 'side')
  await waitUntil(
    'the other container to have its size',
    () => node.tree.read(side).cpuQuota === 36_000,
  )
  const busy = await node.until('stubborn', 'tell that it is at work', (one) =>
    Boolean(conditionOf(one, 'PodResizeInProgress')),
  )
  assert.equal(statusOf(busy, 'app').restartCount, 0, 'it was not waited for')
  const pod = await restarted('stubborn', 1)
  const took = performance.now() - begin
  assert.ok(took >= 4000 && took < slow(8000), `${took} ms`)
  assert.equal(statusOf(pod, 'app').lastState?.terminated?.exitCode, 137)
  await tellsMemory('stubborn', 64)
})

test('memory that a restart frees may shrink; volumes stay', async () => {
  const exec = (script: string): Promise<string> =>
    node.kubectl.run(['exec', 'full', '--', 'sh', '-c', script])
  await exec('dd if=/dev/zero of=/dev/shm/held bs=1M count=2 2>/dev/null; echo here >/kept/file')
  await node.resize('full', to({ app: size('400m', '64Mi') }))
  await restarted('full', 1)
  assert.equal(await exec('cat /kept/file'), 'here\n')
  await exec(
    'sh -c "dd if=/dev/zero bs=1M count=48 2>/dev/null | { read -r line; sleep 1000; }" >/dev/null 2>&1 &',
  )
  await node.resize('full', to({ app: size('400m', '20Mi') }))
  const pod = await restarted('full', 2)
  await tellsMemory('full', 20)
  assert.equal(node.tree.read(podCgroup(node, pod)).memoryLimit, 20 * mebi)
})

test('what restarts leave over goes after the hook of the new container, with its log', async () => {
  const { metadata } = await node.get('full')
  const { dataDir } = node.podfit
  const kept = join(dataDir, 'pods', metadata.uid ?? '', 'volumes', 'kept')
  const log = join(dataDir, 'logs', 'pods', `default_full_${metadata.uid}`, 'app', '1.log')
  writeFileSync(join(kept, 'wait'), '')
  await node.resize('full', to({ app: size('400m', '24Mi') }))
  await waitUntil('its hook to run', () => existsSync(join(kept, 'hooked')))
  assert.ok(existsSync(log))
  writeFileSync(join(kept, 'go'), '')
  await restarted('full', 3)
  await waitUntil('the log to be removed', () => !existsSync(log))
})

test('a container in CrashLoopBackOff takes its new size at once', async () => {
  const script = `${tellsLimit}; exit 1`
  const container = { ...idle('app', size('400m', '32Mi')), command: ['sh', '-c', script] }
  await node.create('looping', { containers: [container, idle('side', size('200m', '32Mi'))] })
  const looping = await node.until(
    'looping',
    'back off',
    (pod) =>
      statusOf(pod, 'app').state?.waiting?.reason === 'CrashLoopBackOff' &&
      statusOf(pod, 'side').state?.running !== undefined,
    { withinMs: 20_000 },
  )
  const { restartCount } = statusOf(looping, 'app')
  await node.resize('looping', to({ app: size('400m', '48Mi') }))
  const pod = await node.until(
    'looping',
    'have been started again',
    (one) => statusOf(one, 'app').restartCount > restartCount,
    // Its back-off takes 10 s at least.
    { withinMs: 3000 },
  )
  assert.equal(statusOf(pod, 'side').restartCount, 0)
  await tellsMemory('looping', 48)
  await node.settled('looping')
  // What does not run shows what it was granted, and has no cgroup that goes while it is read.
  const settled = await node.until(
    'looping',
    'have ended again',
    (one) => statusOf(one, 'app').state?.running === undefined,
  )
  assert.deepEqual(statusOf(settled, 'app').resources, size('400m', '48Mi'))
  expectCgroups(node, settled)
  await node.remove('looping')
})

test('a container that is killed for want of memory again and again runs when it gets more', async () => {
  const script = `dd if=/dev/zero of=/dev/null bs=40M count=1 || exit 1; ${obedient[2]}`
  const app = { ...idle('app', size('500m', '24Mi')), command: ['sh', '-c', script] }
  await node.create('hungry', { containers: [app] })
  const killed = await node.until(
    'hungry',
    'be killed twice',
    (pod) =>
      statusOf(pod, 'app').restartCount >= 1 &&
      statusOf(pod, 'app').state?.waiting?.reason === 'CrashLoopBackOff',
    { withinMs: 30_000 },
  )
  const { lastState, restartCount } = statusOf(killed, 'app')
  assert.ok([1, 137].includes(lastState?.terminated?.exitCode ?? 0), JSON.stringify(lastState))
  await node.resize('hungry', to({ app: size('500m', '96Mi') }))
  const pod = await node.until('hungry', 'run', isRunning, { withinMs: 10_000 })
  assert.equal(statusOf(pod, 'app').restartCount, restartCount + 1)
  const settled = await node.settled('hungry')
  expectCgroups(node, settled)
  assert.equal(node.tree.read(podCgroup(node, settled)).memoryLimit, 96 * mebi)
  await node.remove('hungry')
})

test('containers that have ended for good keep what they are granted, and nothing starts', async () => {
  const ended = { ...idle('app', size('400m', '32Mi')), command: ['true'] }
  const done = { ...idle('prepared', size('200m', '32Mi')), command: ['true'] }
  const pod = await node.create('ending', {
    restartPolicy: 'OnFailure',
    initContainers: [done],
    containers: [ended, idle('side', size('200m', '32Mi'))],
  })
  const over = await node.until(
    'ending',
    'have one of two containers ended',
    (one) =>
      statusOf(one, 'app').state?.terminated?.exitCode === 0 &&
      statusOf(one, 'side').state?.running !== undefined,
    { withinMs: 20_000 },
  )
  await node.resize('ending', {
    initContainers: [{ name: 'prepared', resources: size('240m', '40Mi') }],
    ...to({ app: size('800m', '64Mi'), side: size('240m', '40Mi') }),
  })
  const settled = await node.settled('ending')
  for (const name of ['app', 'prepared']) {
    const [was, is] = [statusOf(over, name), statusOf(settled, name)]
    assert.deepEqual([is.containerID, is.restartCount], [was.containerID, 0])
    assert.deepEqual(is.state, was.state)
  }
  assert.deepEqual(statusOf(settled, 'app').resources, size('800m', '64Mi'))
  assert.deepEqual(statusOf(settled, 'prepared').resources, size('240m', '40Mi'))
  expectCgroups(node, settled)
  assert.equal(settled.metadata.uid, pod.metadata.uid)
  await node.remove('ending')
})

test('a pod that is over takes a new size and does nothing with it', async () => {
  const app = { ...idle('app', size('400m', '32Mi')), command: ['true'] }
  await node.create('over', { restartPolicy: 'Never', containers: [app] })
  await node.until('over', 'succeed', ({ status }) => status?.phase === 'Succeeded')
  const resized = await node.resize('over', to({ app: size('800m', '64Mi') }))
  assert.equal(resized.metadata.generation, 2)
  const pod = await node.until(
    'over',
    'be looked at',
    ({ status }) => status?.observedGeneration === 2,
  )
  assert.equal(pod.status?.phase, 'Succeeded')
  assert.equal(statusOf(pod, 'app').restartCount, 0)
  assert.deepEqual(
    (pod.status?.conditions ?? []).filter(({ type }) => type.startsWith('PodResize')),
    [],
  )
  await node.remove('over')
})

/** Ends only when it is let go, and says when it has begun to run. */
const reluctant =
  'trap "until [ -e /go ]; do sleep 0.1; done; exit 0" TERM; echo up; while :; do sleep 0.1; done'

async function runReluctant(name: string): Promise<Pod> {
  const containers = [restarting(reluctant), idle('side', size('400m', '32Mi'))]
  const pod = await node.run(name, { terminationGracePeriodSeconds: 60, containers })
  await waitUntil(
    'its trap to be set',
    () => logsOf(name),
    (log) => log === 'up\n',
  )
  return pod
}

/** Until the container is being stopped for its new size. */
async function stopping(name: string): Promise<void> {
  await node.told(name, 'Killing', 'Container app resize requires restart')
}

test('another size during a restart: one restart, to the newest', async () => {
  await runReluctant('twice')
  await node.resize('twice', to({ app: size('400m', '64Mi') }))
  await stopping('twice')
  await node.resize('twice', to({ app: size('400m', '96Mi'), side: size('320m', '48Mi') }))
  // The container that ends by it may take it along before it could tell that it is done.
  await node.kubectl.try(['exec', 'twice', '-c', 'app', '--', 'touch', '/go'])
  await restarted('twice', 1)
  const completed = await waitUntil(
    'the event of the end',
    () => node.events('twice', 'ResizeCompleted'),
    (all) => all.length > 0,
  )
  assert.equal(completed.length, 1)
  assert.match(completed[0]?.message ?? '', /"memory":"96Mi".*"generation":3\}$/)
  await node.delete('twice', 0)
})

test('a pod that is deleted during a restart does not start again, and has no more time than it is given', async () => {
  const [short, forced] = await Promise.all([runReluctant('short'), runReluctant('forced')])
  await Promise.all(
    ['short', 'forced'].map(async (name) => {
      await node.resize(name, to({ app: size('400m', '64Mi') }))
      await stopping(name)
    }),
  )
  // While the first resize is under way, one that has to wait is told beside it.
  const { cpu: all = '' } = (await node.node()).status.allocatable
  const most = `${Number(all) * 1000 - 5}m`
  await node.resize('short', to({ app: size(most, '64Mi', most) }))
  await node.until('short', 'have both conditions', (pod) =>
    ['PodResizePending', 'PodResizeInProgress'].every((type) => conditionOf(pod, type)),
  )
  const begin = performance.now()
  await Promise.all([node.delete('short', 1), node.delete('forced', 0)])
  for (const pod of [short, forced]) {
    const cgroup = podCgroup(node, pod)
    await waitUntil('its cgroup to be gone', () => !node.tree.exists(cgroup))
  }
  const took = performance.now() - begin
  assert.ok(took >= 1000 && took < slow(8000), `${took} ms`)
  const starts = () => node.events('short', 'Started')
  await waitUntil('the events of both containers', starts, ({ length }) => length === 2)
})
