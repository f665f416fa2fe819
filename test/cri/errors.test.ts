import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startContainerd } from '../../src/containerd/start-containerd.ts'
import { CriError, type CriErrorCode } from '../../src/cri/connection/cri-error.ts'
import { createCriRuntime } from '../../src/cri/create-cri-runtime.ts'
import { waitUntil } from '../support/wait-until.ts'
import { startPrivateContainerd, type PrivateContainerd } from './private-containerd.ts'
import { containerConfig, runContainer, sandboxConfig } from './test-pod.ts'

let runtime: PrivateContainerd

before(async () => {
  runtime = await startPrivateContainerd()
})
after(() => runtime.stop())

function failsWith(code: CriErrorCode, call: string, message: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof CriError, String(error))
    assert.deepEqual([error.code, error.call], [code, call], error.message)
    assert.match(error.message, message)
    return true
  }
}

test('an unknown container is notFound, in the words of containerd', async () => {
  await assert.rejects(
    runtime.cri.containerStatus('0123abcd'),
    failsWith('notFound', 'ContainerStatus', /container "0123abcd".*not found/),
  )
  await assert.rejects(
    runtime.cri.updateContainerResources('0123abcd', { cpuShares: 100 }),
    failsWith('notFound', 'UpdateContainerResources', /not found/),
  )
})

test('removing and stopping what is not there is no error', async () => {
  await runtime.cri.removeContainer('0123abcd')
  await runtime.cri.removePodSandbox('0123abcd')
  await runtime.cri.removeImage('nothing.example/none:1')
})

test('an image that is missing is undefined; a container of it is notFound', async () => {
  const { cri } = runtime
  assert.equal(await cri.imageStatus('nothing.example/none:1'), undefined)
  const sandbox = sandboxConfig(runtime, 'no-image')
  const sandboxId = await cri.runPodSandbox(sandbox)
  const config = { ...containerConfig('true'), image: 'nothing.example/none:1' }
  await assert.rejects(
    cri.createContainer(sandboxId, config, sandbox),
    failsWith('notFound', 'CreateContainer', /not found/),
  )
})

test('a program that is not there is told in the words of runc or crun', async () => {
  const { cri } = runtime
  const sandbox = sandboxConfig(runtime, 'no-program')
  const sandboxId = await cri.runPodSandbox(sandbox)
  const config = { ...containerConfig('true'), command: ['/no/such/program'] }
  const id = await cri.createContainer(sandboxId, config, sandbox)
  await assert.rejects(cri.startContainer(id), (error) => {
    assert.ok(error instanceof CriError)
    assert.match(error.message, /\/no\/such\/program.*no such file or directory/i)
    return true
  })
  const status = await cri.containerStatus(id)
  assert.deepEqual([status.state, status.reason, status.exitCode], ['exited', 'StartError', 128])
})

test('a limit that the kernel refuses is told, and the old one stays', async () => {
  const { cri } = runtime
  const first = { cpuPeriod: 100_000, cpuQuota: 20_000 }
  const { id } = await runContainer(runtime, 'refused', undefined, first)
  await assert.rejects(
    cri.updateContainerResources(id, { cpuPeriod: 100_000, cpuQuota: 500 }),
    (error) => error instanceof CriError && /invalid argument/i.test(error.message),
  )
  assert.equal((await cri.containerStatus(id)).resources?.cpuQuota ?? 20_000, 20_000)
})

test('a call that the runtime lacks is unimplemented', async () => {
  const { sandboxId } = await runContainer(runtime, 'lacking')
  await assert.rejects(
    runtime.cri.updatePodSandboxResources(sandboxId, { cpuShares: 100 }),
    failsWith('unimplemented', 'UpdatePodSandboxResources', /./),
  )
})

test('a deadline ends a call', async () => {
  const { id } = await runContainer(runtime, 'slow')
  await assert.rejects(
    runtime.cri.execSync(id, ['sleep', '30'], 0, { timeoutMs: 200 }),
    failsWith('deadlineExceeded', 'ExecSync', /no answer .* within 200 ms/),
  )
  await assert.rejects(
    runtime.cri.execSync(id, ['sleep', '30'], 1),
    failsWith('deadlineExceeded', 'ExecSync', /timeout 1s exceeded/),
  )
})

test("a signal ends a call with the signal's reason", async () => {
  const { id } = await runContainer(runtime, 'aborted')
  const stop = new AbortController()
  const call = runtime.cri.execSync(id, ['sleep', '30'], 0, { signal: stop.signal })
  const reason = new Error('enough')
  stop.abort(reason)
  await assert.rejects(call, reason)
})

test('no socket is unavailable, and retried soon', async () => {
  using cri = createCriRuntime({ endpoint: `unix://${runtime.dir}/none.sock` })
  await assert.rejects(cri.version(), failsWith('unavailable', 'Version', /ENOENT/))
  await assert.rejects(cri.version(), { retry: 'soon' })
  assert.throws(() => createCriRuntime({ endpoint: 'http://localhost' }), /must be unix:/)
})

test('calls under way when containerd stops are unavailable; later ones find it again', async () => {
  const { cri } = runtime
  const { id } = await runContainer(runtime, 'stopped')
  const call = assert.rejects(
    cri.execSync(id, ['sleep', '31']),
    failsWith('unavailable', 'ExecSync', /./),
  )
  const sleeping = ['sh', '-c', 'ps | grep -q "[s]leep 31"']
  await waitUntil(
    'the command to run',
    async () => (await cri.execSync(id, sleeping)).exitCode === 0,
  )
  await runtime.containerd.stop()
  await call
  await assert.rejects(cri.containerStatus(id), failsWith('unavailable', 'ContainerStatus', /./))
  await startContainerd(runtime.options)
  assert.equal((await cri.containerStatus(id)).state, 'running')
})
