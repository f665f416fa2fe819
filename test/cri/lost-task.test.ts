import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { outputOf } from '../support/run-program.ts'
import { startPrivateContainerd, type PrivateContainerd } from './private-containerd.ts'
import { containerConfig, sandboxConfig, sleepScript } from './test-pod.ts'

let runtime: PrivateContainerd
before(async () => {
  runtime = await startPrivateContainerd()
})
after(() => runtime.stop())

/** A container of which CRI thinks that it was never started, while its task runs. */
async function runBehindCri(name: string): Promise<{ sandboxId: string; id: string }> {
  const { cri, containerd } = runtime
  const sandbox = sandboxConfig(runtime, name)
  const sandboxId = await cri.runPodSandbox(sandbox)
  const id = await cri.createContainer(sandboxId, containerConfig(sleepScript), sandbox)
  const address = containerd.paths.socket
  const start = ['tasks', 'start', '--detach', '--null-io', id]
  await outputOf(containerd.ctr, ['--address', address, '--namespace', 'k8s.io', ...start])
  assert.equal((await cri.containerStatus(id)).state, 'created')
  return { sandboxId, id }
}

test('a container whose task containerd has lost sight of can be removed', async () => {
  const { cri } = runtime
  const { id } = await runBehindCri('container')
  await cri.removeContainer(id)
  assert.deepEqual(await cri.listContainers({ id }), [])
})

test('so can its sandbox', async () => {
  const { cri } = runtime
  const { sandboxId } = await runBehindCri('sandbox')
  await cri.stopPodSandbox(sandboxId)
  await cri.removePodSandbox(sandboxId)
  assert.deepEqual(await cri.listPodSandboxes({ id: sandboxId }), [])
})
