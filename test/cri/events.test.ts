import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startContainerd } from '../../src/containerd/start-containerd.ts'
import type { ContainerEvent } from '../../src/cri/event/container-event.ts'
import { openConnection } from '../../src/cri/connection/connection.ts'
import { watchCriEvents } from '../../src/cri/event/cri-events.ts'
import { isCriError } from '../../src/cri/connection/cri-error.ts'
import { slow, waitUntil } from '../support/wait-until.ts'
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
      const isIt = (event: ContainerEvent) =>
        event.kind === kind && 'containerId' in event && event.containerId === id
      const happened = (all: ContainerEvent[]) => all.some(isIt)
      await waitUntil(`${kind} of ${id}`, () => events, happened, { everyMs: 5 })
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
  // Killed within milliseconds of its start it could be before anybody listens for that.
  const script =
    'until [ -e /go ]; do sleep 0.1; done; exec dd if=/dev/zero of=/dev/null bs=64M count=1'
  const limits = { memoryLimitInBytes: 8 * 1024 * 1024 }
  const { id } = await runContainer(runtime, 'oom', script, limits)
  await runtime.cri.execSync(id, ['touch', '/go'])
  await watch.until(id, 'deleted')
  await watch.until(id, 'oom')
  assert.equal(watch.of(id).find((event) => event.kind === 'exited')?.exitCode, 137)
  assert.equal(await reasonOf(id), 'OOMKilled')
  await watch.stop()
})

/** Events by CRI, which are not taken where containerd's own are to be had. */
async function collectByCri() {
  using connection = openConnection(runtime.endpoint)
  const events: ContainerEvent[] = []
  let id = ''
  for await (const event of watchCriEvents(connection, AbortSignal.timeout(slow(20_000)))) {
    events.push(event)
    if (event.kind === 'subscribed') {
      id = (await runContainer(runtime, 'by-cri')).id
      await runtime.cri.stopContainer(id, 0)
    }
    if (event.kind === 'exited' && event.containerId === id) break
  }
  return { id, events }
}

test('CRI events: from the beginning on where the runtime has them, else none at all', async () => {
  const { runtimeVersion } = await runtime.cri.version()
  if (/^v?1\.[0-6]\./.test(runtimeVersion)) {
    await assert.rejects(collectByCri(), (error) => isCriError(error, 'unimplemented'))
    return
  }
  const { id, events } = await collectByCri()
  assert.deepEqual(events[0], { kind: 'subscribed', source: 'cri' })
  const mine = events.filter((event) => 'containerId' in event && event.containerId === id)
  assert.deepEqual(
    mine.map(({ kind }) => kind),
    ['created', 'started', 'exited'],
  )
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
  const status = () => runtime.cri.containerStatus(id)
  return (await waitUntil('its exit', status, ({ state }) => state === 'exited')).reason
}
