import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { openCgroupTree } from '../../src/cgroup/open-cgroup-tree.ts'
import { containerPlace } from '../../src/cri/container/container-place.ts'
import { catchesTerm } from '../support/catches-term.ts'
import { waitUntil } from '../support/wait-until.ts'
import { startPrivateContainerd, type PrivateContainerd } from './private-containerd.ts'
import { containerConfig, limitsOf, runContainer, sandboxConfig, sleepScript } from './test-pod.ts'

const MiB = 1024 * 1024
let runtime: PrivateContainerd

before(async () => {
  runtime = await startPrivateContainerd()
})
after(() => runtime.stop())

test('the runtime tells what it is and that it is ready', async () => {
  const { cri } = runtime
  assert.equal((await cri.version()).runtimeName, 'containerd')
  const conditions = await cri.runtimeConditions()
  for (const wanted of ['RuntimeReady', 'NetworkReady']) {
    assert.equal(conditions.find(({ type }) => type === wanted)?.status, true, wanted)
  }
})

test('a sandbox has its labels, an address on the bridge, and a host name', async () => {
  const { cri, containerd } = runtime
  const { sandboxId, id } = await runContainer(runtime, 'address')
  const status = await cri.podSandboxStatus(sandboxId)
  assert.equal(status.state, 'ready')
  assert.deepEqual(status.labels, { app: 'address' })
  assert.deepEqual(status.metadata, sandboxConfig(runtime, 'address').metadata)
  const prefix = containerd.podCidr.split('.').slice(0, 3).join('.')
  assert.ok(status.ips[0]?.startsWith(`${prefix}.`), `${status.ips[0]} in ${containerd.podCidr}`)
  assert.equal(text((await cri.execSync(id, ['hostname'])).stdout), 'address\n')
  assert.deepEqual(
    (await cri.listPodSandboxes({ labels: { app: 'address' } })).map((sandbox) => sandbox.id),
    [sandboxId],
  )
})

test('pods and the host reach each other', async () => {
  const { cri } = runtime
  const serve = 'echo hello > /tmp/index.html; exec httpd -f -p 8080 -h /tmp'
  const server = await runContainer(runtime, 'server', serve)
  const client = await runContainer(runtime, 'client')
  const [ip] = (await cri.podSandboxStatus(server.sandboxId)).ips
  const url = `http://${ip}:8080/`
  const answer = async () => (await fetch(url)).text()
  await waitUntil('its answer', answer, (text) => text === 'hello\n')
  const { stdout } = await cri.execSync(client.id, ['wget', '-q', '-O', '-', url])
  assert.equal(text(stdout), 'hello\n')
})

test('a container starts with its limits and changes them while it runs', async () => {
  const { cri } = runtime
  const first = { cpuPeriod: 100_000, cpuQuota: 20_000, memoryLimitInBytes: 64 * MiB }
  const { id, cgroup } = await runContainer(runtime, 'limits', sleepScript, first)
  assert.deepEqual(limitsOf(cgroup), { quota: 20_000, period: 100_000, memory: 64 * MiB })

  await cri.updateContainerResources(id, {
    cpuPeriod: 100_000,
    cpuQuota: 50_000,
    memoryLimitInBytes: 96 * MiB,
  })
  assert.deepEqual(limitsOf(cgroup), { quota: 50_000, period: 100_000, memory: 96 * MiB })

  await cri.updateContainerResources(id, { memoryLimitInBytes: 48 * MiB })
  assert.deepEqual(limitsOf(cgroup), { quota: 50_000, period: 100_000, memory: 48 * MiB })

  const place = containerPlace(await cri.containerInfo(id))
  assert.equal(place.cgroup, cgroup)
  assert.equal(openCgroupTree().pathOfProcess(place.pid ?? 0), cgroup)

  const status = await cri.containerStatus(id)
  assert.equal(status.state, 'running')
  assert.equal(status.resources?.memoryLimitInBytes, 48 * MiB)
  assert.equal(status.resources?.cpuQuota, 50_000)
})

test('sixteen updates in flight all arrive', async () => {
  const { cri } = runtime
  const names = Array.from({ length: 16 }, (_, index) => `many-${index}`)
  const containers = await Promise.all(names.map((name) => runContainer(runtime, name)))
  await Promise.all(
    containers.map(({ id }, index) =>
      cri.updateContainerResources(id, { cpuPeriod: 100_000, cpuQuota: 10_000 + index * 1000 }),
    ),
  )
  containers.forEach(({ cgroup }, index) =>
    assert.equal(limitsOf(cgroup).quota, 10_000 + index * 1000),
  )
})

test('exec gives both outputs and the exit code', async () => {
  const { id } = await runContainer(runtime, 'exec')
  const script = 'echo out; echo err >&2; exit 3'
  const result = await runtime.cri.execSync(id, ['sh', '-c', script])
  assert.equal(text(result.stdout), 'out\n')
  assert.equal(text(result.stderr), 'err\n')
  assert.equal(result.exitCode, 3)
})

test('streaming calls give a URL on this machine', async () => {
  const { cri } = runtime
  const { id, sandboxId } = await runContainer(runtime, 'streams')
  const urls = [
    await cri.exec(id, ['true'], { stdout: true }),
    await cri.attach(id, { stdout: true }),
    await cri.portForward(sandboxId, [80]),
  ]
  for (const url of urls) assert.equal(url.hostname, '127.0.0.1')
})

test('security context, mounts and environment reach the container', async () => {
  const { cri, dir } = runtime
  const sandbox = sandboxConfig(runtime, 'secure')
  const sandboxId = await cri.runPodSandbox(sandbox)
  const base = containerConfig('id -u; id -g; echo $GREETING; cat /mnt/containerd/config.toml')
  const id = await cri.createContainer(
    sandboxId,
    {
      ...base,
      envs: [{ key: 'GREETING', value: 'hello' }],
      mounts: [{ hostPath: dir, containerPath: '/mnt', readonly: true }],
      linux: {
        securityContext: {
          runAsUser: 1000,
          runAsGroup: 2000,
          readonlyRootfs: true,
          noNewPrivs: true,
          capabilities: { drop: ['ALL'] },
          seccomp: { kind: 'runtimeDefault' },
        },
      },
    },
    sandbox,
  )
  await cri.startContainer(id)
  const status = () => cri.containerStatus(id)
  await waitUntil('its exit', status, ({ state }) => state === 'exited')
  // The runtime copies the output beside the exit, and both streams beside each other.
  const log = () => readFileSync(join(dir, 'main.log'), 'utf8')
  const output = /stdout F 1000\n(?:.*\n)*.*stdout F 2000\n(?:.*\n)*.*stdout F hello\n/
  await waitUntil('its output', log, (text) => output.test(text))
  await waitUntil('its error', log, (text) => /stderr F cat: .*Permission denied/.test(text))
})

test('stats tell what is used', async () => {
  const { cri } = runtime
  const { id } = await runContainer(runtime, 'stats')
  const stats = await cri.containerStats(id)
  assert.equal(stats.id, id)
  assert.ok((stats.memory?.workingSetBytes ?? 0) > 0)
  assert.ok((stats.cpu?.usageCoreNanoSeconds ?? 0) > 0)
  assert.ok((await cri.listContainerStats({ id })).length === 1)
})

test('a container that is stopped within its grace ends with 0, and can be removed', async () => {
  const { cri } = runtime
  const { id, sandboxId } = await runContainer(runtime, 'stop')
  const { pid = 0 } = containerPlace(await cri.containerInfo(id))
  await waitUntil('its trap to be set', () => catchesTerm(pid))
  await cri.stopContainer(id, 30)
  const status = await cri.containerStatus(id)
  assert.equal(status.state, 'exited')
  assert.equal(status.exitCode, 0)
  assert.equal(status.reason, 'Completed')
  assert.ok((status.finishedAt ?? 0) >= (status.startedAt ?? Infinity))
  await cri.removeContainer(id)
  assert.deepEqual(await cri.listContainers({ podSandboxId: sandboxId }), [])
  await cri.stopPodSandbox(sandboxId)
  await cri.removePodSandbox(sandboxId)
  await cri.removePodSandbox(sandboxId)
  assert.deepEqual(await cri.listPodSandboxes({ id: sandboxId }), [])
})

test('a log that was moved away is opened again', async () => {
  const { cri, dir } = runtime
  const { id } = await runContainer(runtime, 'log')
  await cri.reopenContainerLog(id)
  assert.equal((await cri.containerStatus(id)).logPath, join(dir, 'main.log'))
})

test('pause reaps orphans of a shared process namespace and ends at SIGTERM', async () => {
  const { cri } = runtime
  const base = sandboxConfig(runtime, 'shared')
  const namespaceOptions = { pid: 'pod' } as const
  const sandbox = { ...base, linux: { ...base.linux, securityContext: { namespaceOptions } } }
  const sandboxId = await cri.runPodSandbox(sandbox)
  const config = {
    ...containerConfig(sleepScript),
    linux: { securityContext: { namespaceOptions } },
  }
  const id = await cri.createContainer(sandboxId, config, sandbox)
  await cri.startContainer(id)

  const orphan = await cri.execSync(id, ['sh', '-c', 'sleep 0.1 >/dev/null & echo $!'])
  const directory = `/proc/${text(orphan.stdout).trim()}`
  const isThere = async () => (await cri.execSync(id, ['test', '-d', directory])).exitCode === 0
  // A zombie that nobody reaps would stay.
  await waitUntil('the orphan to be reaped', isThere, (there) => !there)

  await cri.execSync(id, ['kill', '-TERM', '1']).catch(() => {})
  await waitUntil(
    'the sandbox to end',
    () => cri.podSandboxStatus(sandboxId),
    ({ state }) => state === 'notReady',
  )
})

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8')
}
