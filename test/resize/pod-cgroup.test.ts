import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { openCgroupTree } from '../../src/cgroup/open-cgroup-tree.ts'
import { weightFor } from '../../src/domain/cgroup/cpu.ts'
import type { PodSpec, ResourceRequirements } from '../../src/domain/pod.ts'
import { cpuShares } from '../../src/domain/units.ts'
import { waitUntil } from '../support/wait-until.ts'
import {
  applyPod,
  cpuQuota,
  isV2,
  mebi,
  memoryLimit,
  readCgroup,
  startNode,
  startPod,
  type TestNode,
} from './live-pod.ts'

let node: TestNode

before(async () => (node = await startNode()))
after(() => node[Symbol.asyncDispose]())

const idle = 'trap "exit 0" TERM; while :; do sleep 1000 & wait; done'

function pod(
  script: string,
  resources: ResourceRequirements,
  whole?: ResourceRequirements,
): PodSpec {
  return {
    containers: [{ name: 'app', image: 'busybox', command: ['sh', '-c', script], resources }],
    ...(whole && { resources: whole }),
  }
}

const size = (cpu: string, memory: string): ResourceRequirements => ({
  requests: { cpu: '50m', memory: '16Mi' },
  limits: { cpu, memory },
})

function shares(cgroup: string): number {
  return Number(readCgroup('cpu', cgroup, isV2 ? 'cpu.weight' : 'cpu.shares'))
}

test('a container that is killed for memory over and over gets the room it is given', async () => {
  // 40 MiB of shared memory do not fit into 32: killed at each start, until there are 128.
  const script = `dd if=/dev/zero of=/dev/shm/held bs=1M count=40 || exit 1; ${idle}`
  const live = await applyPod(node, 'looping', pod(script, size('200m', '32Mi')))
  await waitUntil(
    'it to wait for its next start',
    () => live.status('app'),
    // What it left in shared memory may kill also the program that is to start it.
    ({ state, lastState }) => state?.waiting !== undefined && lastState?.terminated !== undefined,
    { withinMs: 60_000, everyMs: 200 },
  )
  await live.resize({ containers: [{ name: 'app', resources: size('200m', '128Mi') }] })
  await live.settled()
  assert.equal(memoryLimit(await live.cgroup()), 128 * mebi)
  await waitUntil(
    'it to run',
    () => live.status('app'),
    ({ state }) => state?.running !== undefined,
    { everyMs: 100 },
  )
  assert.equal(memoryLimit(await live.containerCgroup('app')), 128 * mebi)
  // The guest has one CPU, and the pods after it want all of it.
  await node.remove('looping')
})

test('the cgroup of the Burstable class follows at once, and only what was promised', async () => {
  const live = await startPod(node, 'class', pod(idle, size('200m', '64Mi')))
  const above = (await live.cgroup()).replace(/\/pod[^/]*$/, '')
  const before = shares(above)
  await live.resize({
    containers: [{ name: 'app', resources: { requests: { cpu: '550m' }, limits: { cpu: '1' } } }],
  })
  await live.settled()
  const rise = isV2 ? Math.round((500 * 1.024 * 9999) / 262_142) : 512
  assert.ok(Math.abs(shares(above) - before - rise) <= 1, `${before} to ${shares(above)}`)
  // More than the machine has waits, and counts for nothing until then.
  const now = shares(above)
  const resources = { requests: { cpu: '900' }, limits: { cpu: '900' } }
  const patch = JSON.stringify({ spec: { containers: [{ name: 'app', resources }] } })
  await node.kubectl.try(['patch', 'pod', 'class', '--subresource=resize', '-p', patch])
  assert.equal(shares(above), now)
  await node.remove('class')
})

test('pod-level resources: QoS, cgroups of pod and container, resize, exact status', async () => {
  const whole = (cpu: string, memory: string): ResourceRequirements => ({
    requests: { cpu, memory },
    limits: { cpu, memory },
  })
  const live = await startPod(node, 'whole', pod(idle, {}, whole('500m', '96Mi')))
  const before = await live.get()
  assert.equal(before.status?.qosClass, 'Guaranteed')
  assert.deepEqual(before.status?.resources, whole('500m', '96Mi'))
  assert.deepEqual(before.status?.allocatedResources, { cpu: '500m', memory: '96Mi' })
  const cgroups = [await live.cgroup(), await live.containerCgroup('app')]
  for (const cgroup of cgroups) {
    assert.equal(memoryLimit(cgroup), 96 * mebi)
    assert.equal(cpuQuota(cgroup), 50_000)
  }
  await live.resize({ resources: whole('1', '64Mi') })
  const after = await live.settled()
  for (const cgroup of cgroups) {
    assert.equal(memoryLimit(cgroup), 64 * mebi)
    assert.equal(cpuQuota(cgroup), 100_000)
  }
  assert.deepEqual(after.status?.resources, whole('1', '64Mi'))
  assert.deepEqual(after.status?.allocatedResources, { cpu: '1', memory: '64Mi' })
  assert.equal(after.status?.containerStatuses?.[0]?.restartCount, 0)
  await node.remove('whole')
})

test("a pod's overhead counts in its cgroup and its status, not in its container's, also after a resize", async () => {
  const of = (cpu: string, memory: string): ResourceRequirements => {
    return { requests: { cpu, memory }, limits: { cpu, memory } }
  }
  const spec = { ...pod(idle, of('200m', '64Mi')), overhead: { cpu: '100m', memory: '32Mi' } }
  const live = await startPod(node, 'overhead', spec)
  const cgroups = async () => {
    const both = [await live.cgroup(), await live.containerCgroup('app')]
    return both.map((cgroup) => [cpuQuota(cgroup), memoryLimit(cgroup) / mebi])
  }
  assert.deepEqual(await cgroups(), [
    [30_000, 96],
    [20_000, 64],
  ])
  await live.resize({ containers: [{ name: 'app', resources: of('300m', '48Mi') }] })
  const { status } = await live.settled()
  assert.deepEqual(await cgroups(), [
    [40_000, 80],
    [30_000, 48],
  ])
  assert.equal(shares(await live.cgroup()), isV2 ? weightFor(cpuShares(409), 'linear') : 409)
  assert.deepEqual(status?.allocatedResources, { cpu: '400m', memory: '80Mi' })
  assert.deepEqual(status?.containerStatuses?.[0]?.resources, of('300m', '48Mi'))
  await node.remove('overhead')
})

/**
 * Files that a resize is not about, where this kernel has them, each with a value that nobody
 * gives them. A kubelet's resize takes the huge pages of a pod away (kubernetes#141991).
 */
function foreignFiles(cgroup: string): readonly (readonly [path: string, value: string])[] {
  const all: readonly (readonly [controller: string, file: string, value: number])[] = isV2
    ? [
        ['memory', 'memory.low', 8 * mebi],
        ['memory', 'memory.high', 60 * mebi],
        ['pids', 'pids.max', 500],
        ['hugetlb', 'hugetlb.2MB.max', 4 * mebi],
      ]
    : [
        ['memory', 'memory.soft_limit_in_bytes', 60 * mebi],
        ['pids', 'pids.max', 500],
        ['hugetlb', 'hugetlb.2MB.limit_in_bytes', 4 * mebi],
      ]
  return all
    .map(([controller, file, value]) => {
      const mount = join('/sys/fs/cgroup', isV2 ? '' : controller)
      return [join(mount, cgroup, file), String(value)] as const
    })
    .filter(([path]) => existsSync(path))
}

test('what others wrote to the cgroups of a pod stays, whatever the controller', async () => {
  const live = await startPod(node, 'foreign', pod(idle, size('200m', '64Mi')))
  const cgroups = [await live.cgroup(), await live.containerCgroup('app')]
  const foreign = cgroups.flatMap(foreignFiles)
  assert.ok(foreign.length >= 3)
  for (const [path, value] of foreign) writeFileSync(path, value)
  await live.resize({ containers: [{ name: 'app', resources: size('400m', '48Mi') }] })
  await live.settled()
  assert.deepEqual(
    foreign.map(([path]) => [path, readFileSync(path, 'utf8').trim()]),
    foreign,
  )
  assert.deepEqual(cgroups.map(memoryLimit), [48 * mebi, 48 * mebi])
})

test('a pod leaves although its cgroup has a process that the runtime knows nothing of', async () => {
  const live = await startPod(node, 'haunted', pod(idle, size('200m', '64Mi')))
  const stray = `${await live.cgroup()}/stray`
  openCgroupTree().create(stray)
  const ghost = spawn('sleep', ['1000'])
  const ended = once(ghost, 'exit')
  try {
    writeFileSync(
      join('/sys/fs/cgroup', isV2 ? '' : 'memory', stray, 'cgroup.procs'),
      `${ghost.pid}`,
    )
    await node.remove('haunted')
    assert.deepEqual(await ended, [null, 'SIGKILL'])
    await waitUntil('its cgroup to be gone', () => !openCgroupTree().exists(dirname(stray)))
  } finally {
    ghost.kill()
  }
})

test('a fork bomb is resized and ended like anybody else, and troubles no other pod', async () => {
  // Memory is what bounds it: it is killed for that again and again, and goes on.
  const bomb = 'bomb() { bomb | bomb & }; bomb; while :; do sleep 1000 & wait; done'
  const neighbour = await startPod(node, 'neighbour', pod(idle, size('100m', '32Mi')))
  const live = await applyPod(node, 'bomb', pod(bomb, size('100m', '48Mi')))
  const cgroup = await waitUntil('the bomb to have a cgroup', () => live.cgroup())
  const processes = () => openCgroupTree().processes(cgroup, { recursive: true }).length
  await waitUntil('it to have gone off', processes, (count) => count > 30)
  await neighbour.resize({ containers: [{ name: 'app', resources: size('300m', '48Mi') }] })
  await neighbour.settled()
  assert.equal(cpuQuota(await neighbour.containerCgroup('app')), 30_000)
  await live.resize({ containers: [{ name: 'app', resources: size('200m', '64Mi') }] })
  await live.settled()
  assert.equal(memoryLimit(cgroup), 64 * mebi)
  assert.equal(cpuQuota(cgroup), 20_000)
  await node.remove('bomb')
  await waitUntil('its cgroup to be gone', () => !openCgroupTree().exists(cgroup))
  assert.equal((await neighbour.status('app')).restartCount, 0)
  await node.remove('neighbour')
})
