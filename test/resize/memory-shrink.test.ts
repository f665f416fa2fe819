import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Pod, PodSpec } from '../../src/domain/pod.ts'
import { waitUntil } from '../support/wait-until.ts'
import { diskDirectory } from './disk-directory.ts'
import { isSettled } from '../e2e/live-node.ts'
import {
  cpuQuota,
  isV2,
  type LivePod,
  mebi,
  memoryLimit,
  memoryUsage,
  oomKills,
  readCgroup,
  startNode,
  startPod,
  type TestNode,
} from './live-pod.ts'

let node: TestNode

before(async () => (node = await startNode()))
after(() => node[Symbol.asyncDispose]())

/** Sleeps, and ends when it is told to. */
const idle = 'trap "exit 0" TERM; while :; do sleep 1000 & wait; done'

function size(cpu: string, memory: string) {
  return { requests: { cpu: '50m', memory: '16Mi' }, limits: { cpu, memory } }
}

function oneContainer(script = idle, memory = '128Mi'): PodSpec {
  const command = ['sh', '-c', script]
  return {
    containers: [{ name: 'app', image: 'busybox', command, resources: size('200m', memory) }],
  }
}

const toSize = (cpu: string, memory: string) => ({
  containers: [{ name: 'app', resources: size(cpu, memory) }],
})

const stuck = ({ status }: Pod): boolean =>
  (status?.conditions ?? []).some(
    ({ type, reason }) => type === 'PodResizeInProgress' && reason === 'Error',
  )

async function stuckCondition(pod: LivePod): Promise<string> {
  const condition = await waitUntil(
    'the resize to be told as failed',
    () => pod.condition('PodResizeInProgress'),
    (one) => one?.reason === 'Error',
    { everyMs: 100 },
  )
  return condition?.message ?? ''
}

test('memory that is held: nothing changes, nobody is killed, and it goes on when freed', async () => {
  const pod = await startPod(node, 'held', oneContainer())
  await pod.exec('app', 'dd if=/dev/zero of=/dev/shm/held bs=1M count=50')
  const cgroup = await pod.containerCgroup('app')
  const [whole, own] = [await pod.cgroup(), cgroup]
  await pod.resize(toSize('400m', '32Mi'))
  const message = await stuckCondition(pod)
  assert.match(message, /^cannot decrease memory limits: /)
  assert.match(message, /container "app" memory limit \(33554432\) below current usage \(\d+\)/)
  for (const path of [whole, own]) {
    assert.equal(memoryLimit(path), 128 * mebi)
    assert.equal(cpuQuota(path), 20_000)
  }
  const shown = await pod.status('app')
  assert.deepEqual(shown.resources?.limits, { cpu: '200m', memory: '128Mi' })
  // The old limit is whole: the container may still grow into it.
  await pod.exec('app', 'dd if=/dev/zero of=/dev/shm/more bs=1M count=12')
  await pod.exec('app', 'rm /dev/shm/held /dev/shm/more')
  await pod.settled()
  for (const path of [whole, own]) {
    assert.equal(memoryLimit(path), 32 * mebi)
    assert.equal(cpuQuota(path), 40_000)
  }
  const { restartCount, containerID, resources } = await pod.status('app')
  assert.deepEqual([restartCount, containerID], [0, shown.containerID])
  assert.deepEqual(resources?.limits, { cpu: '400m', memory: '32Mi' })
  assert.equal(oomKills(own), 0)
})

test('a decrease that somebody takes back leaves everything as it was', async () => {
  const pod = await startPod(node, 'undone', oneContainer())
  await pod.exec('app', 'dd if=/dev/zero of=/dev/shm/held bs=1M count=40')
  await pod.resize(toSize('200m', '32Mi'))
  await stuckCondition(pod)
  await pod.resize(toSize('200m', '128Mi'))
  await pod.settled()
  const cgroup = await pod.containerCgroup('app')
  assert.equal(memoryLimit(cgroup), 128 * mebi)
  assert.equal(oomKills(cgroup), 0)
})

test('page cache does not count: it is reclaimed, and the limit goes down', async (t) => {
  const disk = diskDirectory(t)
  const [app] = oneContainer().containers
  const pod = await startPod(node, 'cached', {
    containers: [{ ...app!, volumeMounts: [{ name: 'disk', mountPath: '/disk' }] }],
    volumes: [{ name: 'disk', hostPath: { path: disk } }],
  })
  t.after(() => node.remove('cached'))
  await pod.exec(
    'app',
    'dd if=/dev/zero of=/disk/big bs=1M count=64; sync; cat /disk/big >/dev/null',
  )
  const cgroup = await pod.containerCgroup('app')
  assert.ok(memoryUsage(cgroup) > 48 * mebi, `${memoryUsage(cgroup)} bytes in use`)
  await pod.resize(toSize('200m', '32Mi'))
  await pod.settled()
  assert.equal(memoryLimit(cgroup), 32 * mebi)
  assert.equal(oomKills(cgroup), 0)
  assert.equal((await pod.status('app')).restartCount, 0)
})

test('of two containers the one that can shrink gets its old limit back when the other cannot', async () => {
  const [app] = oneContainer().containers
  const spec = { containers: [app!, { ...app!, name: 'side' }] }
  const pod = await startPod(node, 'pair', spec)
  await pod.exec('app', 'dd if=/dev/zero of=/dev/shm/held bs=1M count=40')
  await pod.resize({
    containers: [
      { name: 'app', resources: size('300m', '32Mi') },
      { name: 'side', resources: size('300m', '32Mi') },
    ],
  })
  await stuckCondition(pod)
  for (const container of ['app', 'side']) {
    const cgroup = await pod.containerCgroup(container)
    assert.equal(memoryLimit(cgroup), 128 * mebi)
    assert.equal(cpuQuota(cgroup), 20_000)
  }
  assert.equal(memoryLimit(await pod.cgroup()), 256 * mebi)
})

/** Takes mebibyte after mebibyte until it holds so many. */
const growTo = (count: number): string =>
  `i=0; while [ $i -lt ${count} ]; do dd if=/dev/zero of=/dev/shm/$i bs=1M count=1 2>/dev/null; i=$((i+1)); sleep 0.02; done; ${idle}`

async function startGrowing(name: string, count: number): Promise<LivePod> {
  const pod = await startPod(node, name, oneContainer(growTo(count)))
  const cgroup = await pod.containerCgroup('app')
  await waitUntil('it to have grown a little', () => memoryUsage(cgroup) > 10 * mebi)
  return pod
}

test('a process that grows into what its limit becomes meanwhile is not killed', async () => {
  const pod = await startGrowing('near', 30)
  const cgroup = await pod.containerCgroup('app')
  await pod.resize(toSize('200m', '40Mi'))
  await pod.settled()
  assert.equal(memoryLimit(cgroup), 40 * mebi)
  await waitUntil('it to have grown', () => memoryUsage(cgroup) > 30 * mebi)
  assert.equal(oomKills(cgroup), 0)
  assert.equal((await pod.status('app')).restartCount, 0)
})

test('a process that goes on taking memory while its limit goes down is not killed', async () => {
  const pod = await startGrowing('growing', 55)
  const cgroup = await pod.containerCgroup('app')
  // It holds 55 MiB in the end: the limit is below that.
  await pod.resize(toSize('200m', '40Mi'))
  const told = await waitUntil(
    'the resize to end, or to be told as failed',
    () => pod.get(),
    (seen) => stuck(seen) || isSettled(seen),
    { withinMs: 30_000, everyMs: 100 },
  )
  if (!stuck(told)) {
    // It was down before the process had grown, which is killed from there on by the limit
    // that was asked for: its own cgroup may be gone.
    assert.equal(memoryLimit(await pod.cgroup()), 40 * mebi)
    return
  }
  assert.equal(memoryLimit(cgroup), 128 * mebi)
  assert.equal(oomKills(cgroup), 0)
  if (isV2) assert.equal(readCgroup('memory', cgroup, 'memory.high'), 'max')
})
