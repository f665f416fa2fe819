import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import type { ResourceRequirements } from '../../src/domain/pod.ts'
import { waitUntil } from '../support/wait-until.ts'
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
import { complaint, type FileTexts, WatchedRunc } from './watched-runc.ts'

let node: TestNode
let runc: WatchedRunc
let testDir: string
let crashAt: string
let pod: LivePod
let cgroup: string

before(async () => {
  runc = new WatchedRunc()
  testDir = mkdtempSync(join(tmpdir(), 'kernel-first-'))
  crashAt = join(testDir, 'crash-at')
  node = await startNode({
    args: ['--actuate=kernel-first'],
    env: {
      PATH: `${runc.directory}:${process.env['PATH']}`,
      PODFIT_CRASH_AT: `@${crashAt}`,
    },
  })
})
after(async () => {
  await node[Symbol.asyncDispose]()
  runc[Symbol.dispose]()
  rmSync(testDir, { recursive: true })
})

let count = 0

beforeEach(async () => {
  pod = await startedWith(size('50m', '200m', '16Mi', '40Mi'))
})
afterEach(async () => {
  runc.mode = 'do'
  rmSync(join(testDir, 'grow'), { force: true })
  await node.remove(pod.name)
})

/** The container takes 55 MiB when `grow` is there: the runtime takes no exec during an update. */
async function startedWith(resources: ResourceRequirements): Promise<LivePod> {
  const grow =
    'until [ -e /test/grow ]; do sleep 0.2; done; dd if=/dev/zero of=/dev/shm/held bs=1M count=55'
  const script = `trap "exit 0" TERM; (${grow}) & while :; do sleep 1000 & wait $!; done`
  const started = await startPod(node, `first-${(count += 1)}`, {
    containers: [
      {
        name: 'app',
        image: 'busybox',
        command: ['sh', '-c', script],
        resources,
        volumeMounts: [{ name: 'test', mountPath: '/test' }],
      },
    ],
    volumes: [{ name: 'test', hostPath: { path: testDir } }],
  })
  cgroup = await started.containerCgroup('app')
  runc.forget()
  return started
}

function size(request: string, limit: string, memory: string, most: string): ResourceRequirements {
  return { requests: { cpu: request, memory }, limits: { cpu: limit, memory: most } }
}

function resize(resources: ResourceRequirements): Promise<void> {
  return pod.resize({ containers: [{ name: 'app', resources }] })
}

/** What the runtime found, and what it made of it. */
async function seen(): Promise<{ found: FileTexts; made: FileTexts }> {
  await waitUntil('the runtime to have updated', () => runc.after !== undefined)
  const [found, made] = [runc.before, runc.after]
  assert.ok(found && made)
  runc.forget()
  return { found, made }
}

function asked(): Promise<boolean> {
  return waitUntil('the runtime to be asked', () => runc.before !== undefined)
}

async function refused(): Promise<void> {
  const condition = await waitUntil(
    'the refusal to be told',
    () => pod.condition('PodResizeInProgress'),
    (one) => one?.reason === 'Error',
  )
  assert.match(condition?.message ?? '', new RegExp(complaint))
}

const quotaText = (files: FileTexts) => files['cpu.max'] ?? files['cpu.cfs_quota_us']
const memoryText = (files: FileTexts) => files['memory.max'] ?? files['memory.limit_in_bytes']

test('the runtime finds the very values that it then writes', async () => {
  const sizes = [
    size('500m', '700m', '64Mi', '128Mi'),
    size('20m', '30m', '16Mi', '40Mi'),
    size('2m', '5m', '16Mi', '40Mi'),
    size('1', '1500m', '40Mi', '300Mi'),
  ]
  const told = []
  for (const wanted of sizes) {
    await resize(wanted)
    const { found, made } = await seen()
    assert.deepEqual(found, made)
    told.push([quotaText(made), memoryText(made)])
    await pod.settled()
    assert.deepEqual((await pod.status('app')).resources, wanted)
  }
  const quota = (micros: number) => (isV2 ? `${micros} 100000` : `${micros}`)
  assert.deepEqual(told, [
    [quota(70_000), `${128 * mebi}`],
    [quota(3000), `${40 * mebi}`],
    [quota(1000), `${40 * mebi}`],
    [quota(150_000), `${300 * mebi}`],
  ])
})

test('limits where there were none', async () => {
  await node.remove(pod.name)
  pod = await startedWith({ requests: { cpu: '50m', memory: '32Mi' } })
  await resize(size('100m', '200m', '32Mi', '64Mi'))
  const { found, made } = await seen()
  assert.deepEqual(found, made)
  assert.equal(memoryText(made), `${64 * mebi}`)
  await pod.settled()
})

test('the kernel has it while the runtime is still at work, and the status waits', async () => {
  runc.mode = 'wait'
  await resize(size('100m', '400m', '32Mi', '128Mi'))
  await asked()
  assert.equal(cpuQuota(cgroup), 40_000)
  assert.equal(memoryLimit(cgroup), 128 * mebi)
  await waitUntil(
    'it to be told that it goes on',
    async () => (await pod.condition('PodResizeInProgress')) !== undefined,
  )
  runc.mode = 'do'
  await pod.settled()
  assert.equal((await pod.status('app')).restartCount, 0)
})

test('what the runtime refuses goes back, and goes to the runtime first until it is taken', async () => {
  const before = allFiles()
  runc.mode = 'wait'
  await resize(size('500m', '700m', '64Mi', '128Mi'))
  await asked()
  assert.notDeepEqual(runc.before, before, 'the kernel had it before the runtime')
  runc.mode = 'refuse'
  await refused()
  assert.deepEqual(allFiles(), before)
  const { resources } = await pod.status('app')
  assert.deepEqual(resources, size('50m', '200m', '16Mi', '40Mi'))
  runc.forget()
  await asked()
  const { 'memory.swap.max': _swap, ...found } = runc.before ?? {}
  assert.deepEqual(found, before, 'the next try did not begin with the kernel')
  runc.mode = 'do'
  await pod.settled()
  assert.equal(cpuQuota(cgroup), 70_000)
  assert.equal(memoryLimit(cgroup), 128 * mebi)
  assert.equal((await pod.status('app')).restartCount, 0)
})

test('memory that is in use by the time of the refusal stays allowed: nobody is killed', async () => {
  runc.mode = 'wait'
  await resize(size('50m', '400m', '16Mi', '128Mi'))
  await asked()
  writeFileSync(join(testDir, 'grow'), '')
  await waitUntil('it to have grown', () => memoryUsage(cgroup) > 55 * mebi)
  runc.mode = 'refuse'
  await refused()
  assert.equal(cpuQuota(cgroup), 20_000)
  assert.equal(memoryLimit(cgroup), 128 * mebi)
  assert.equal(oomKills(cgroup), 0)
  assert.deepEqual((await pod.status('app')).resources?.limits, { cpu: '200m', memory: '128Mi' })
  // Whoever takes the resize back gets the old limit as soon as the memory is free again.
  runc.mode = 'do'
  await resize(size('50m', '200m', '16Mi', '40Mi'))
  await pod.exec('app', 'rm /dev/shm/held')
  await pod.settled()
  assert.equal(memoryLimit(cgroup), 40 * mebi)
  assert.equal(oomKills(cgroup), 0)
})

test('a limit below what is held is not written, and nobody is killed', async () => {
  await pod.exec('app', 'dd if=/dev/zero of=/dev/shm/held bs=1M count=30')
  await resize(size('50m', '400m', '16Mi', '24Mi'))
  const condition = await waitUntil(
    'it to be told',
    () => pod.condition('PodResizeInProgress'),
    (one) => one?.reason === 'Error',
  )
  assert.match(condition?.message ?? '', /^cannot decrease memory limits: /)
  assert.equal(memoryLimit(cgroup), 40 * mebi)
  assert.equal(cpuQuota(cgroup), 20_000)
  await pod.exec('app', 'rm /dev/shm/held')
  await pod.settled()
  assert.equal(memoryLimit(cgroup), 24 * mebi)
  assert.equal(oomKills(cgroup), 0)
})

test('kill -9 between kernel and runtime: the next start tells the runtime', async () => {
  writeFileSync(crashAt, 'node.write.after')
  await resize(size('500m', '700m', '64Mi', '128Mi')).catch(() => {})
  await node.podfit.ended()
  assert.equal(cpuQuota(cgroup), 70_000)
  assert.equal(runc.before, undefined, 'the runtime was told already')
  rmSync(crashAt)
  await node.startAgain()
  const { found, made } = await seen()
  assert.deepEqual(found, made)
  assert.equal(quotaText(made), isV2 ? '70000 100000' : '70000')
  await pod.settled()
  assert.equal((await pod.status('app')).restartCount, 0)
})

test('kill -9 between kernel and runtime, which then refuses: back to what it was told last', async () => {
  const before = allFiles()
  runc.mode = 'refuse'
  writeFileSync(crashAt, 'node.write.after')
  await resize(size('500m', '700m', '64Mi', '128Mi')).catch(() => {})
  await node.podfit.ended()
  assert.notDeepEqual(allFiles(), before)
  rmSync(crashAt)
  await node.startAgain()
  await refused()
  assert.deepEqual(allFiles(), before)
  runc.mode = 'do'
  await pod.settled()
  assert.equal(memoryLimit(cgroup), 128 * mebi)
})

/** The same files that the runtime's script writes down. */
function allFiles(): FileTexts {
  const cpu = isV2
    ? ['cpu.weight', 'cpu.max']
    : ['cpu.shares', 'cpu.cfs_quota_us', 'cpu.cfs_period_us']
  const memory = isV2 ? ['memory.max'] : ['memory.limit_in_bytes', 'memory.memsw.limit_in_bytes']
  return Object.fromEntries([
    ...cpu.map((file) => [file, readCgroup('cpu', cgroup, file)]),
    ...memory.map((file) => [file, readCgroup('memory', cgroup, file)]),
  ])
}
