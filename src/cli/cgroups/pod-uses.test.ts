import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakePodApi, runningPod, settledStatus } from '../../../test/support/fake-pod-api.ts'
import { createKubeClient } from '../../kube/client/client.ts'
import type { ContainerExec } from '../../operate/cluster/container-exec.ts'
import { podUses } from './pod-uses.ts'
import { requestsAtOnce } from '../cluster/targets.ts'

test('podUses() opens no more shells at once than requests', async () => {
  const pods = Array.from({ length: 100 }, (_, index) => ({
    ...runningPod({}, {}, `pod-${index}`),
    status: settledStatus({}, 1, { containerID: `containerd://${index}` }),
  }))
  let [open, most, all] = [0, 0, 0]
  const exec: ContainerExec = async () => {
    all += 1
    open += 1
    most = Math.max(most, open)
    await new Promise((resolve) => setImmediate(resolve))
    open -= 1
    return { kind: 'failed', why: 'no shell', retry: 'never' }
  }
  const { fetch } = new FakePodApi([])
  const client = createKubeClient({ fetch, server: 'http://api' })
  const uses = await podUses({ client, exec }, 'exec').now(pods, new AbortController().signal)
  assert.deepEqual([uses.size, all, most], [0, pods.length, requestsAtOnce])
})
