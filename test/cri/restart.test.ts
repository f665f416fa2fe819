import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { ContainerdError } from '../../src/containerd/containerd-error.ts'
import { containerdPaths } from '../../src/containerd/containerd-paths.ts'
import { findContainerd } from '../../src/containerd/containerd-process.ts'
import { startContainerd } from '../../src/containerd/start-containerd.ts'
import { waitUntil } from '../support/wait-until.ts'
import { startPrivateContainerd, type PrivateContainerd } from './private-containerd.ts'
import { limitsOf, runContainer, type RunningContainer } from './test-pod.ts'

let runtime: PrivateContainerd
let container: RunningContainer

before(async () => {
  runtime = await startPrivateContainerd()
  container = await runContainer(runtime, 'survivor')
})
after(() => runtime.stop())

test('a second start finds the one that runs', async () => {
  const { containerd, options } = runtime
  const again = await startContainerd(options)
  assert.equal(again.reattached, true)
  assert.equal(again.pid, containerd.pid)
  assert.deepEqual([again.bridge, again.podCidr], [containerd.bridge, containerd.podCidr])
})

test('it is found without its pid file, and a foreign id in there is left alone', async () => {
  const { containerd, options } = runtime
  writeFileSync(containerd.paths.pid, `${process.pid}\n`)
  assert.equal(findContainerd(containerd.paths), containerd.pid)
  rmSync(containerd.paths.pid)
  assert.equal((await startContainerd(options)).pid, containerd.pid)
})

test('it runs in a session and a cgroup of its own', () => {
  const { pid } = runtime.containerd
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const session = Number(stat.slice(stat.lastIndexOf(')')).split(' ')[4])
  assert.equal(session, pid)
  const cgroups = readFileSync(`/proc/${pid}/cgroup`, 'utf8')
  assert.ok(cgroups.includes(`:${runtime.cgroupRoot}/runtime\n`), cgroups)
})

test('containers run on while containerd is stopped, and can be changed after', async () => {
  const { cri, containerd, options } = runtime
  const before = await cri.containerStatus(container.id)
  await containerd.stop()
  assert.equal(existsSync(containerd.paths.socket), false)
  assert.equal(findContainerd(containerd.paths), undefined)

  const again = await startContainerd(options)
  assert.equal(again.reattached, false)
  const status = await cri.containerStatus(container.id)
  assert.deepEqual([status.state, status.startedAt], ['running', before.startedAt])
  await cri.updateContainerResources(container.id, { cpuPeriod: 100_000, cpuQuota: 30_000 })
  assert.equal(limitsOf(container.cgroup).quota, 30_000)
})

test('after kill -9 a stale socket is no obstacle', async () => {
  const { cri, containerd, options } = runtime
  const pid = findContainerd(containerd.paths)
  assert.ok(pid !== undefined)
  process.kill(pid, 'SIGKILL')
  await waitUntil('its end', () => findContainerd(containerd.paths) === undefined)
  assert.equal(existsSync(containerd.paths.socket), true)
  assert.equal((await startContainerd(options)).reattached, false)
  assert.equal((await cri.containerStatus(container.id)).state, 'running')
})

test('why it does not start is told, with the place of the log', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'podfit-'))
  mkdirSync(join(dataDir, 'containerd'))
  writeFileSync(join(dataDir, 'containerd', 'root'), 'in the way')
  await assert.rejects(startContainerd({ dataDir }), (error) => {
    assert.ok(error instanceof ContainerdError)
    assert.equal(error.code, 'didNotStart')
    assert.match(error.message, /^Cannot start containerd: .*not a directory.*containerd\.log\)$/s)
    return true
  })
  assert.equal(findContainerd(containerdPaths(dataDir)), undefined)
  rmSync(dataDir, { recursive: true })
})
