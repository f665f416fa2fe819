import assert from 'node:assert/strict'
import { test } from 'node:test'
import { podUidLabel } from '../runtime/labels.ts'
import { ObservedPods } from '../runtime/observed-pods.ts'
import { removeOldSandboxes } from './remove-old-sandboxes.ts'
import type { ContainerRuntime } from '../runtime/container-runtime.ts'
import type { SandboxSummary } from '../runtime/runtime-sandbox.ts'

const labels = { [podUidLabel]: 'u1' }

/** A runtime that has pod `u1` with sandboxes in these states, and a container in each of the named. */
async function observedWith(states: Record<string, SandboxSummary['state']>, used: string[]) {
  const there = new Map(Object.entries(states))
  const calls: string[] = []
  const summary = (id: string): SandboxSummary => {
    const state = there.get(id)
    if (state === undefined) throw Object.assign(new Error('no sandbox'), { code: 'notFound' })
    const metadata = { name: 'pod', uid: 'u1', namespace: 'default', attempt: 0 }
    return { id, metadata, state, createdAt: 1, labels }
  }
  const runtime = {
    listPodSandboxes: async () => [...there.keys()].map(summary),
    listContainers: async () => {
      calls.push('list')
      return used.map((podSandboxId) => ({ podSandboxId }))
    },
    podSandboxStatus: async (id: string) => ({ ...summary(id), ips: [] }),
    removePodSandbox: async (id: string) => {
      calls.push(`remove ${id}`)
      there.delete(id)
    },
  } as unknown as ContainerRuntime
  const observed = new ObservedPods({
    runtime,
    labels: {},
    isStarting: () => false,
    lastWords: () => '',
  })
  for (const id of there.keys()) await observed.refreshSandbox('u1', id)
  return { runtime, observed, calls }
}

test('a sandbox that has ended goes, unless there is a container of it', async () => {
  const states = { empty: 'notReady', used: 'notReady', now: 'ready' } as const
  const { calls, ...context } = await observedWith(states, ['used', 'now'])
  await removeOldSandboxes(context, 'u1')
  assert.deepEqual(calls, ['list', 'remove empty'])
  const left = context.observed.get('u1').sandboxes.map(({ id }) => id)
  assert.deepEqual(left.toSorted(), ['now', 'used'])
})

test('the runtime is asked nothing where none has ended', async () => {
  const { calls, ...context } = await observedWith({ now: 'ready' }, [])
  await removeOldSandboxes(context, 'u1')
  assert.deepEqual(calls, [])
})
