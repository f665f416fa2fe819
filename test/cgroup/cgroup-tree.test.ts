import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { after, before, test, type TestContext } from 'node:test'
import { CgroupError } from '../../src/cgroup/cgroup-error.ts'
import { allPodCgroups, findContainerCgroup } from '../../src/cgroup/find-pod-cgroup.ts'
import { readOomScoreAdj, writeOomScoreAdj } from '../../src/cgroup/oom-score.ts'
import { openCgroupTree } from '../../src/cgroup/open-cgroup-tree.ts'
import type { CgroupKnobs } from '../../src/domain/cgroup/knobs.ts'
import { bytes, cpuShares, micros } from '../../src/domain/units.ts'
import { waitUntil } from '../support/wait-until.ts'

/** The real tree of this machine, whichever version: run it on a v1 host and in a v2 guest. */
const tree = openCgroupTree()
const isV1 = tree.version === 'v1'
const top = `/podfit-test-${randomBytes(4).toString('hex')}`
const mebi = 1024 * 1024

const knobs: CgroupKnobs = {
  cpuShares: cpuShares(512),
  cpuPeriod: micros(100_000),
  cpuQuota: micros(50_000),
  memoryLimit: bytes(64 * mebi),
}

function fileOf(controller: string, path: string, file: string): string {
  return isV1 ? `${tree.mount}/${controller}${path}/${file}` : `${tree.mount}${path}/${file}`
}

/** Puts a process into a cgroup, as a runtime does: into every hierarchy. */
function enter(path: string, pid: number): void {
  const controllers = isV1 ? tree.controllers : ['']
  const files = controllers.map((name) => fileOf(name, path, 'cgroup.procs'))
  for (const file of new Set(files)) if (existsSync(file)) writeFileSync(file, `${pid}`)
}

async function startIn(t: TestContext, path: string, script: string): Promise<ChildProcess> {
  const child = spawn('sh', ['-c', `read go; ${script}`], { stdio: ['pipe', 'pipe', 'ignore'] })
  t.after(() => child.kill('SIGKILL'))
  enter(path, child.pid ?? 0)
  child.stdin?.write('\n')
  return child
}

function failsAs(code: string) {
  return (error: unknown) => error instanceof CgroupError && error.code === code
}

before(() => tree.create(top))
after(async () => {
  tree.kill(top)
  await waitUntil('all to end', () => tree.processes(top, { recursive: true }).length === 0)
  tree.remove(top, { recursive: true })
  assert.equal(tree.exists(top), false)
})

test('a cgroup is created with those above it, and exists with all controllers', () => {
  const path = `${top}/kubepods/burstable/pod1`
  assert.equal(tree.exists(path), false)
  tree.create(path)
  tree.create(path)
  assert.ok(tree.exists(path))
  assert.ok(tree.exists(`${top}/kubepods`))
  assert.deepEqual(tree.children(`${top}/kubepods`), [`${top}/kubepods/burstable`])
  assert.throws(() => tree.remove(`${top}/kubepods`), failsAs('busy'))
  tree.remove(path)
  tree.remove(path)
  assert.equal(tree.exists(path), false)
  tree.remove(`${top}/kubepods`, { recursive: true })
  assert.deepEqual(tree.children(`${top}/kubepods`), [])
})

test('a cgroup that lacks one controller does not exist for Kubernetes', (t) => {
  if (!isV1) return t.skip('cgroup v1 only')
  const path = `${top}/partial`
  tree.create(path)
  assert.ok(tree.exists(path))
  rmdirSync(`${tree.mount}/pids${path}`)
  assert.equal(tree.exists(path), false)
  tree.remove(path)
})

test('on v2 a cgroup with processes of its own cannot give controllers to children', async (t) => {
  if (isV1) return t.skip('cgroup v2 only')
  const path = `${top}/inner`
  tree.create(path)
  // Without a fork, so that it stays one process.
  await startIn(t, path, 'exec sleep 100')
  assert.throws(
    () => tree.create(`${path}/child`),
    (error) => error instanceof CgroupError && /has 1 process of its own/.test(error.message),
  )
  mkdirSync(`${tree.mount}${path}/child`)
  assert.equal(tree.exists(`${path}/child`), false, 'it has no controllers')
  tree.kill(path)
  await waitUntil('it to end', () => tree.processes(path).length === 0)
})

test('what is written is read back', () => {
  const path = `${top}/knobs`
  tree.create(path)
  const fresh = tree.read(path)
  assert.equal(fresh.cpuQuota, 'max')
  assert.equal(fresh.memoryLimit, 'max')
  tree.write(path, knobs)
  const cpu = isV1 ? { kind: 'shares', shares: 512 } : { kind: 'weight', weight: 20 }
  const reading = { cpu, cpuQuota: 50_000, cpuPeriod: 100_000, memoryLimit: 64 * mebi }
  assert.deepEqual(tree.read(path), reading)
  tree.write(path, { cpuQuota: micros(80_000) })
  assert.deepEqual(tree.read(path), { ...reading, cpuQuota: 80_000 })
  tree.write(path, { cpuQuota: 'max', memoryLimit: 'max' })
  assert.deepEqual(tree.read(path), { ...reading, cpuQuota: 'max', memoryLimit: 'max' })
  tree.remove(path)
})

test('period and quota change together, whichever order the kernel needs', () => {
  const pod = `${top}/bandwidth`
  tree.create(`${pod}/container`)
  tree.write(pod, knobs)
  const half = { cpuPeriod: micros(100_000), cpuQuota: micros(50_000) }
  tree.write(`${pod}/container`, half)
  // With the old quota, the short period alone would be five times the parent's share.
  const same = { cpuPeriod: micros(10_000), cpuQuota: micros(5000) }
  tree.write(`${pod}/container`, same)
  assert.equal(tree.read(`${pod}/container`).cpuPeriod, 10_000)
  tree.write(`${pod}/container`, half)
  assert.equal(tree.read(`${pod}/container`).cpuQuota, 50_000)
  tree.remove(pod, { recursive: true })
})

test('on v1 a child may not have more quota than its parent', (t) => {
  if (!isV1) return t.skip('cgroup v1 only')
  const pod = `${top}/tight`
  tree.create(`${pod}/container`)
  tree.write(pod, knobs)
  const tooMuch = { cpuQuota: micros(60_000), cpuPeriod: micros(100_000) }
  assert.throws(
    () => tree.write(`${pod}/container`, tooMuch),
    (error) =>
      error instanceof CgroupError &&
      error.code === 'invalid' &&
      error.file === 'cpu.cfs_quota_us' &&
      error.data === '60000' &&
      error.message.includes(`${pod}/container`),
  )
  tree.remove(pod, { recursive: true })
})

test('the memory limit goes up and down also where memory and swap are limited together', async (t) => {
  const path = `${top}/swap`
  tree.create(path)
  t.after(() => tree.remove(path))
  const swap = fileOf('memory', path, 'memory.memsw.limit_in_bytes')
  if (!existsSync(swap)) return t.skip('needs cgroup v1 with swap accounting')
  const readSwap = () => Number(readFileSync(swap, 'utf8'))
  tree.write(path, { memoryLimit: bytes(32 * mebi) })
  assert.ok(readSwap() > 2 ** 60, 'without a limit of its own it stays unlimited')
  writeFileSync(swap, `${32 * mebi}`)
  for (const size of [64, 16, 128]) {
    tree.write(path, { memoryLimit: bytes(size * mebi) })
    assert.equal(tree.read(path).memoryLimit, size * mebi)
    assert.equal(readSwap(), size * mebi, 'it follows, so that there is still no swap')
  }
  await tree.writeMemoryLimit(path, bytes(8 * mebi))
  assert.deepEqual([tree.read(path).memoryLimit, readSwap()], [8 * mebi, 8 * mebi])
  tree.write(path, { memoryLimit: 'max' })
  assert.equal(tree.read(path).memoryLimit, 'max')
})

test('processes are seen, counted and killed', async (t) => {
  const pod = `${top}/busy`
  tree.create(`${pod}/one`)
  tree.create(`${pod}/two`)
  const one = await startIn(t, `${pod}/one`, 'while :; do :; done')
  const two = await startIn(t, `${pod}/two`, 'sleep 100')
  assert.deepEqual(tree.processes(`${pod}/one`), [one.pid])
  assert.deepEqual(tree.processes(pod), [])
  const inside = new Set(tree.processes(pod, { recursive: true }))
  assert.ok(inside.has(one.pid ?? 0) && inside.has(two.pid ?? 0))
  assert.equal(tree.pathOfProcess(one.pid ?? 0), `${pod}/one`)
  await waitUntil('use of CPU', () => tree.cpuUsage(pod).usage > 10_000)
  assert.ok(tree.memoryUsage(pod).usage > 0)
  assert.ok(tree.memoryUsage(pod).workingSet <= tree.memoryUsage(pod).usage)
  assert.throws(() => tree.remove(`${pod}/one`), failsAs('busy'))
  tree.kill(pod)
  await waitUntil('both to end', () => tree.processes(pod, { recursive: true }).length === 0)
  // The kernel lets go of a cgroup a moment after its last process.
  await waitUntil('removal', () => {
    tree.remove(pod, { recursive: true })
    return true
  })
  assert.equal(tree.exists(pod), false)
  await waitUntil('the end', () => one.signalCode === 'SIGKILL')
  assert.equal(tree.pathOfProcess(one.pid ?? 0), undefined)
})

test('a quota throttles, and that is counted', async (t) => {
  const path = `${top}/throttled`
  tree.create(path)
  tree.write(path, { cpuQuota: micros(10_000), cpuPeriod: micros(100_000) })
  await startIn(t, path, 'while :; do :; done')
  await waitUntil('throttling', () => tree.cpuUsage(path).throttledPeriods > 1)
  const { periods, throttledPeriods, throttled } = tree.cpuUsage(path)
  assert.ok(periods >= throttledPeriods)
  assert.ok(throttled > 0)
  tree.kill(path)
  await waitUntil('it to end', () => tree.processes(path).length === 0)
})

test('the kernel kills for memory, and that is counted', async (t) => {
  const path = `${top}/oom`
  tree.create(path)
  tree.write(path, { memoryLimit: bytes(8 * mebi) })
  assert.deepEqual(tree.memoryEvents(path), { oomKills: 0, limitHits: 0 })
  await startIn(t, path, 'x=a; while :; do x=$x$x; done')
  await waitUntil('a kill', () => tree.memoryEvents(path).oomKills > 0)
  assert.ok(tree.memoryEvents(path).limitHits > 0)
})

test('on v1 a limit below what is in use is refused', async (t) => {
  if (!isV1) return t.skip('cgroup v1 only: v2 kills instead')
  const path = `${top}/in-use`
  tree.create(path)
  const grow = 'x=a; while [ ${#x} -lt 8388608 ]; do x=$x$x; done; echo ready; sleep 100'
  const child = await startIn(t, path, grow)
  await new Promise((resolve) => child.stdout?.once('data', resolve))
  assert.ok(tree.memoryUsage(path).workingSet > 8 * mebi)
  const limit = { memoryLimit: bytes(4 * mebi) }
  assert.throws(() => tree.write(path, limit), failsAs('busy'))
  tree.kill(path)
  await waitUntil('it to end', () => tree.processes(path).length === 0)
})

test('a cgroup that is not there is named', () => {
  const path = `${top}/none`
  assert.throws(() => tree.read(path), failsAs('notFound'))
  assert.throws(() => tree.write(path, knobs), failsAs('notFound'))
  assert.throws(() => tree.memoryUsage(path), failsAs('notFound'))
  assert.deepEqual(tree.processes(path), [])
  assert.deepEqual(tree.children(path), [])
  assert.throws(() => tree.create('relative'), RangeError)
  assert.throws(() => tree.remove('/a/../b'), RangeError)
})

test('pods and containers are found under any prefix and in both spellings', () => {
  const uid = '0f5c1d7e-1111-2222-3333-444455556666'
  const plain = `${top}/some/prefix/kubepods/burstable/pod${uid}`
  const other = '0f5c1d7e-1111-2222-3333-777788889999'
  const slice = `${top}/kubelet.slice/kubelet-kubepods-pod${other.replaceAll('-', '_')}.slice`
  const id = 'ab'.repeat(32)
  for (const path of [`${plain}/${id}`, `${slice}/cri-containerd-${id}.scope`]) tree.create(path)
  tree.create(`${top}/some/prefix/kubepods/burstable/pod${uid}x`)
  const found = allPodCgroups(tree)
  assert.deepEqual([found.get(uid), found.get(other)], [plain, slice])
  assert.equal(findContainerCgroup(tree, plain, id), `${plain}/${id}`)
  assert.equal(findContainerCgroup(tree, slice, id), `${slice}/cri-containerd-${id}.scope`)
  assert.equal(findContainerCgroup(tree, plain, 'cd'.repeat(32)), undefined)
})

test('oom_score_adj of a process', async (t) => {
  const child = spawn('sleep', ['100'])
  t.after(() => child.kill('SIGKILL'))
  const pid = child.pid ?? 0
  writeOomScoreAdj(pid, 985)
  assert.equal(readOomScoreAdj(pid), 985)
  assert.throws(() => writeOomScoreAdj(pid, 1001), failsAs('invalid'))
  assert.throws(() => readOomScoreAdj(2 ** 30), failsAs('notFound'))
})
