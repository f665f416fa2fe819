import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFakeServer, statusResponse } from '../../../test/support/fake-kube-server.ts'
import { createKubeClient } from '../client/client.ts'
import { KubeError } from '../client/kube-error.ts'
import type { KubeObject } from '../object/kube-object.ts'
import { pods } from '../object/resource.ts'
import { startInformer } from './informer.ts'

function pod(name: string, uid = name): KubeObject {
  return { metadata: { name, namespace: 'a', uid } }
}

/** Waits until `condition` holds; the informer works in microtasks and timers of a few ms. */
async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if (condition()) return
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  assert.fail(`not reached: ${condition.toString()}`)
}

function start(t: { after: (done: () => unknown) => void }) {
  const fake = createFakeServer()
  const told: string[] = []
  const errors: unknown[] = []
  const controller = new AbortController()
  const client = createKubeClient({ fetch: fake.fetch, server: 'http://api.test' })
  const run = () =>
    startInformer({
      client,
      resource: pods,
      signal: controller.signal,
      backOff: { firstMs: 1, maxMs: 4 },
      onError: (error) => errors.push(error),
      handlers: {
        onAdd: ({ metadata }) => told.push(`add ${metadata.name} ${metadata.uid}`),
        onUpdate: ({ metadata }) => told.push(`update ${metadata.name}`),
        onDelete: ({ metadata }) => told.push(`delete ${metadata.name} ${metadata.uid}`),
      },
    })
  t.after(() => controller.abort())
  return { fake, told, errors, controller, run }
}

test('lists, then follows changes', async (t) => {
  const { fake, told, run } = start(t)
  fake.put(pod('one'))
  const informer = run()
  await informer.synced
  assert.deepEqual(told, ['add one one'])
  await until(() => fake.openWatches === 1)
  fake.put(pod('two'))
  fake.put(pod('one'))
  fake.delete('two')
  await until(() => told.length === 4)
  assert.deepEqual(told.slice(1), ['add two two', 'update one', 'delete two two'])
  assert.deepEqual([...informer.cache.keys()], ['a/one'])
})

test('goes on from the last version after the watch ended, without a new list', async (t) => {
  const { fake, told, errors, run } = start(t)
  await run().synced
  await until(() => fake.openWatches === 1)
  fake.put(pod('one'))
  await until(() => told.length === 1)
  fake.endWatches('error')
  fake.put(pod('two'))
  await until(() => told.length === 2)
  fake.endWatches()
  fake.put(pod('three'))
  await until(() => told.length === 3)
  assert.deepEqual(told, ['add one one', 'add two two', 'add three three'])
  assert.equal(errors.length, 1)
  const lists = fake.requests.filter((line) => !line.includes('watch=true'))
  assert.equal(lists.length, 1)
})

test('a bookmark moves the version on', async (t) => {
  const { fake, run } = start(t)
  await run().synced
  await until(() => fake.openWatches === 1)
  fake.bookmark()
  await new Promise((resolve) => setTimeout(resolve, 5))
  fake.compact()
  fake.endWatches()
  await until(() => fake.openWatches === 1)
  assert.match(fake.requests.at(-1) ?? '', /resourceVersion=11/)
})

test('after 410 it lists anew and tells what it missed', async (t) => {
  const { fake, told, errors, run } = start(t)
  fake.put(pod('stays'))
  fake.put(pod('changes'))
  fake.put(pod('goes'))
  fake.put(pod('comes back', 'old'))
  await run().synced
  await until(() => fake.openWatches === 1)
  told.length = 0
  fake.endWatches()
  fake.put(pod('changes'))
  fake.delete('goes')
  fake.delete('comes back')
  fake.put(pod('comes back', 'new'))
  fake.put(pod('is new'))
  fake.compact()
  await until(() => told.length === 5)
  assert.deepEqual(told, [
    'delete goes goes',
    'update changes',
    'delete comes back old',
    'add comes back new',
    'add is new is new',
  ])
  assert.ok(errors.every((error) => error instanceof KubeError && error.code === 410))
})

test('410 as an event in the stream also leads to a new list', async (t) => {
  const { fake, told, run } = start(t)
  await run().synced
  await until(() => fake.openWatches === 1)
  fake.sendRaw('{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}\n')
  await until(() => fake.requests.filter((line) => line.includes('watch=true')).length === 2)
  fake.put(pod('one'))
  await until(() => told.length === 1)
})

test('a server that knows no list of its own any more is asked again with pauses', async (t) => {
  const stop = new AbortController()
  const lists: number[] = []
  const client = {
    list: async () => {
      lists.push(performance.now())
      return { metadata: { resourceVersion: '1' }, items: [] }
    },
    // oxlint-disable-next-line require-yield
    async *watch() {
      throw new KubeError('too old', { code: 410, reason: 'Expired' })
    },
  }
  t.after(() => stop.abort())
  const backOff = { firstMs: 20, maxMs: 1000 }
  startInformer({ client, resource: pods, signal: stop.signal, backOff })
  await until(() => lists.length === 3)
  const [first = 0, , third = 0] = lists
  assert.ok(third - first >= 50, `three lists within ${third - first} ms`)
})

test('failed lists are tried again; synced waits for the first that works', async (t) => {
  const { fake, told, errors, run } = start(t)
  fake.put(pod('one'))
  const down = new TypeError('fetch failed')
  fake.next.push(down, statusResponse(503, 'ServiceUnavailable'), statusResponse(403, 'Forbidden'))
  await run().synced
  assert.equal(errors.length, 3)
  assert.deepEqual(told, ['add one one'])
})

test('a handler that throws keeps nobody from the next change', async (t) => {
  const { fake, controller } = start(t)
  const errors: unknown[] = []
  fake.put(pod('one'))
  fake.put(pod('two'))
  const seen: string[] = []
  const informer = startInformer({
    client: createKubeClient({ fetch: fake.fetch, server: 'http://api.test' }),
    resource: pods,
    signal: controller.signal,
    onError: (error) => errors.push(error),
    handlers: {
      onAdd({ metadata }) {
        seen.push(metadata.name)
        throw new Error('broken handler')
      },
    },
  })
  await informer.synced
  assert.deepEqual(seen, ['one', 'two'])
  assert.equal(errors.length, 2)
})

test('an abort ends it and its watch', async (t) => {
  const { fake, controller, run } = start(t)
  const informer = run()
  await informer.synced
  await until(() => fake.openWatches === 1)
  controller.abort()
  await informer.done
  assert.equal(fake.openWatches, 0)
})

test('an abort before the first list rejects synced', async (t) => {
  const { fake, controller, run } = start(t)
  fake.next.push(new TypeError('fetch failed'))
  const informer = run()
  controller.abort(new Error('enough'))
  await assert.rejects(informer.synced, /enough/)
  await informer.done
})
