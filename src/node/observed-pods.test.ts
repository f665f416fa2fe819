import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ObservedPods } from './observed-pods.ts'
import type { ContainerRuntime, SandboxSummary } from './runtime.ts'

const sandbox: SandboxSummary = {
  id: 's1',
  metadata: { name: 'pod', uid: 'u1', namespace: 'default', attempt: 0 },
  state: 'ready',
  createdAt: 1,
  labels: {},
}

const notFound = Object.assign(new Error('no such container'), { code: 'notFound' })

/** A runtime with one sandbox, which takes some turns to say so. */
const runtime = {
  podSandboxStatus: async () => {
    for (let turns = 0; turns < 5; turns += 1) await Promise.resolve()
    return { ...sandbox, ips: ['10.0.0.2'] }
  },
  containerStatus: () => Promise.reject(notFound),
} as Partial<ContainerRuntime> as ContainerRuntime

test('news of a sandbox that nobody has looked at yet does not make it vanish', async () => {
  const observed = new ObservedPods(
    runtime,
    {},
    () => false,
    () => '',
  )
  observed.adopt('s1', { uid: 'u1', kind: 'sandbox' })
  const looking = observed.refreshSandbox('u1', 's1')
  await observed.refreshAfter({ kind: 'started', containerId: 's1' })
  await looking
  assert.deepEqual(
    observed.get('u1').sandboxes.map(({ id, ready }) => [id, ready]),
    [['s1', true]],
  )
  assert.equal(observed.owner('s1'), 'u1')
})
