import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createKubeClient } from '../client/client.ts'
import { createFakeServer, statusResponse } from '../../../test/support/fake-kube-server.ts'
import { pods } from '../object/resource.ts'
import { waitFor } from './wait-for.ts'

const address = { namespace: 'a', name: 'web' }

function podIn(phase: string) {
  return {
    metadata: { name: 'web', namespace: 'a' },
    spec: { containers: [] },
    status: { phase },
  }
}

function setUp() {
  const fake = createFakeServer()
  return { fake, client: createKubeClient({ fetch: fake.fetch, server: 'http://api.test' }) }
}

test('is over at once when it holds already: one get, no watch', async () => {
  const { fake, client } = setUp()
  fake.put(podIn('Running'))
  const isRunning = (pod: { status?: { phase?: string } } | undefined) =>
    pod?.status?.phase === 'Running'
  const result = await waitFor(client, pods, address, isRunning, { timeoutMs: 30_000 })
  assert.equal(result.kind, 'met')
  assert.equal(fake.requests.length, 1)
})

test('sees the change that makes it hold, also after the watch broke', async () => {
  const { fake, client } = setUp()
  fake.put(podIn('Pending'))
  const waiting = waitFor(client, pods, address, (pod) => pod?.status?.phase === 'Running', {
    timeoutMs: 30_000,
  })
  setTimeout(() => fake.endWatches('error'), 20)
  setTimeout(() => fake.put(podIn('Running')), 40)
  const { kind, object } = await waiting
  assert.equal(kind, 'met')
  assert.equal(object?.status?.phase, 'Running')
})

test('waits for an object to go', async () => {
  const { fake, client } = setUp()
  fake.put(podIn('Running'))
  const waiting = waitFor(client, pods, address, (pod) => pod === undefined, { timeoutMs: 30_000 })
  setTimeout(() => fake.delete('web'), 20)
  assert.deepEqual(await waiting, { kind: 'met', object: undefined })
})

test('gives the last state when the time is up', async () => {
  const { fake, client } = setUp()
  fake.put(podIn('Pending'))
  const result = await waitFor(client, pods, address, () => false, { timeoutMs: 300 })
  assert.equal(result.kind, 'timedOut')
  assert.equal(result.object?.status?.phase, 'Pending')
  assert.equal(fake.openWatches, 0)
})

test('an object that may not be read is an error', async () => {
  const { fake, client } = setUp()
  fake.next.push(statusResponse(403, 'Forbidden'))
  const waiting = waitFor(client, pods, address, () => true, { timeoutMs: 30_000 })
  await assert.rejects(waiting, { code: 403 })
})
