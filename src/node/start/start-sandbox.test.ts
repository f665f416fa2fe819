import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { ObservedPod } from '../../domain/lifecycle/observed.ts'
import type { Pod } from '../../domain/pod.ts'
import { Checkpoint } from '../checkpoint/checkpoint.ts'
import type { NodeContext } from '../node-context.ts'
import { RestartBackOffs } from './restart-back-offs.ts'
import { startSandbox } from './start-sandbox.ts'

const pod: Pod = {
  metadata: { name: 'web', uid: 'u1' },
  spec: { containers: [{ name: 'app' }, { name: 'side' }] },
}
const image = { image: 'busybox', imageId: '' }

test('what ends with its sandbox starts again in the next one, whatever its exit code, and at once', async () => {
  const podLogs = mkdtempSync(join(tmpdir(), 'podfit-sandbox-'))
  using checkpoint = Checkpoint.open(':memory:')
  const backOffs = new RestartBackOffs()
  // Its start in the sandbox that was ending failed.
  backOffs.lengthen('u1', 'side', 1, 1)
  const observed = {
    pod: {
      sandboxes: [{ id: 's0', attempt: 0, ready: false, createdAt: 1, ips: [] }],
      containers: [
        { id: 'app-0', name: 'app', attempt: 0, state: 'running', createdAt: 2, ...image },
        { id: 'side-0', name: 'side', attempt: 0, state: 'exited', createdAt: 2, ...image },
      ],
    } as ObservedPod,
    get: () => observed.pod,
    adopt: () => {},
    refreshSandbox: async () => {},
    refreshContainer: async () => {
      const containers = observed.pod.containers.map((one) => ({
        ...one,
        state: 'exited' as const,
      }))
      observed.pod = { ...observed.pod, containers }
    },
  }
  const nothing = async (): Promise<void> => {}
  const context = {
    checkpoint,
    backOffs,
    observed,
    podLogs,
    instance: 'podfit',
    machine: { address: '10.0.0.1' },
    allocatable: {},
    events: { record: () => {} },
    onStep: () => {},
    objects: { lookUp: () => () => undefined },
    tokens: { get: () => undefined },
    volumes: { prepare: nothing },
    cgroups: { pods: { create: nothing, parentOf: () => '/pods/u1' } },
    runtime: {
      stopContainer: nothing,
      stopPodSandbox: nothing,
      removePodSandbox: nothing,
      listContainers: async () => [],
      runPodSandbox: async () => 's1',
    },
  } as unknown as NodeContext
  await startSandbox(context, pod, 1)
  rmSync(podLogs, { recursive: true })
  assert.deepEqual([...checkpoint.restarting('u1')], ['app-0'])
  assert.deepEqual([...backOffs.of('u1')], [])
})
