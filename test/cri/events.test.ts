import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { startContainerd } from '../../src/containerd/start-containerd.ts'
import type { ContainerEvent } from '../../src/cri/container-event.ts'
import { isCriError } from '../../src/cri/cri-error.ts'
import { startPrivateContainerd, type PrivateContainerd } from './private-containerd.ts'
import { runContainer } from './test-pod.ts'

let runtime: PrivateContainerd

before(async () => {
  runtime = await startPrivateContainerd()
})
after(() => runtime.stop())

/** Collects events until `stop`; `until` waits for one. */
async function collect() {
  const events: ContainerEvent[] = []
  const stopped = new AbortController()
  const { promise: subscribed, resolve } = Promise.withResolvers<void>()
  const ended = (async () => {
    for await (const event of runtime.cri.watchContainerEvents({ signal: stopped.signal })) {
      events.push(event)
      if (event.kind === 'subscribed') resolve()
    }
  })()
  await Promise.race([subscribed, ended])
  return {
    events,
    of: (id: string) =>
      events.filter((event) => 'containerId' in event && event.containerId === id),
    until: async (id: string, kind: ContainerEvent['kind']) => {
      const deadline = performance.now() + 20_000
      const isIt = (event: ContainerEvent) =>
        event.kind === kind && 'containerId' in event && event.containerId === id
      while (!events.some(isIt)) {
        assert.ok(performance.now() < deadline, `no ${kind} of ${id} in ${JSON.stringify(events)}`)
        await setTimeout(5)
      }
    },
    stop: async () => {
      stopped.abort()
      await ended
    },
    ended,
  }
}

test('the first event tells that the stream stands', async () => {
  const watch = await collect()
  assert.deepEqual(watch.events, [{ kind: 'subscribed', source: 'containerd' }])
  await watch.stop()
})

test('a kill is told with its signal, and an exec is not mistaken for the container', async () => {
  const watch = await collect()
  const { id, sandboxId } = await runContainer(runtime, 'killed')
  await runtime.cri.execSync(id, ['true'])
  await runtime.cri.stopContainer(id, 0)
  await watch.until(id, 'deleted')
  assert.deepEqual(
    watch.of(id).map(({ kind }) => kind),
    ['created', 'started', 'exited', 'deleted'],
  )
  const exited = watch.of(id).find((event) => event.kind === 'exited')
  assert.equal(exited?.exitCode, 137)
  assert.ok(Math.abs((exited?.at ?? 0) - Date.now()) < 60_000)
  assert.ok(watch.of(sandboxId).some(({ kind }) => kind === 'started'))
  await watch.stop()
})

test('an OOM kill is told beside the exit', async () => {
  const watch = await collect()
  const script = 'exec dd if=/dev/zero of=/dev/null bs=64M count=1'
  const limits = { memoryLimitInBytes: 8 * 1024 * 1024 }
  const { id } = await runContainer(runtime, 'oom', script, limits)
  await watch.until(id, 'deleted')
  await watch.until(id, 'oom')
  assert.equal(watch.of(id).find((event) => event.kind === 'exited')?.exitCode, 137)
  assert.equal(await reasonOf(id), 'OOMKilled')
  await watch.stop()
})

test('the stream breaks when containerd stops, and can be had again', async () => {
  const watch = await collect()
  await runtime.containerd.stop()
  await assert.rejects(watch.ended, (error) => isCriError(error, 'unavailable'))
  await startContainerd(runtime.options)
  const again = await collect()
  const { id } = await runContainer(runtime, 'again')
  await again.until(id, 'started')
  await again.stop()
})

/** The status follows the event by some milliseconds. */
async function reasonOf(id: string): Promise<string> {
  for (let tries = 0; tries < 500; tries++) {
    const { state, reason } = await runtime.cri.containerStatus(id)
    if (state === 'exited') return reason
    await setTimeout(5)
  }
  throw new Error('the container is not exited')
}
