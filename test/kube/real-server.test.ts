import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createApiServer, type ApiServer } from '../../src/apiserver/api-server.ts'
import { serveApi, type Serving } from '../../src/apiserver/serve.ts'
import { writeKubeconfig } from '../../src/apiserver/tls/kubeconfig.ts'
import { loadPki } from '../../src/apiserver/tls/pki.ts'
import type { Pod } from '../../src/domain/pod.ts'
import { createKubeClient } from '../../src/kube/client/client.ts'
import { connect, type Connection } from '../../src/kube/connect/connect.ts'
import { createEventRecorder } from '../../src/kube/event/event-recorder.ts'
import type { KubeEvent } from '../../src/kube/event/kube-event.ts'
import { startInformer } from '../../src/kube/watch/informer.ts'
import type { KubeClient } from '../../src/kube/client/kube-client.ts'
import { listAll } from '../../src/kube/client/list-all.ts'
import { events, namespaces, pods } from '../../src/kube/object/resource.ts'
import { waitFor } from '../../src/kube/watch/wait-for.ts'
import { slow, waitUntil } from '../support/wait-until.ts'

/** podfit's own API server, reached in both ways: in this process and over HTTPS with its kubeconfig. */
const directory = mkdtempSync(join(tmpdir(), 'podfit-'))
let api: ApiServer
let serving: Serving
let connection: Connection
const clients: { name: string; client: KubeClient }[] = []

before(async () => {
  api = await createApiServer({ database: join(directory, 'api.db') })
  const pki = await loadPki(join(directory, 'pki'))
  serving = await serveApi({ api, pki, host: '127.0.0.1', port: 0 })
  const file = join(directory, 'kubeconfig')
  await writeKubeconfig(file, serving.url, pki)
  connection = await connect({ file })
  const user = { name: 'admin', groups: ['system:masters'] }
  const fetch = (request: Request) => api.fetch(request, { user })
  clients.push(
    { name: 'in-process', client: createKubeClient({ fetch, server: 'http://podfit.internal' }) },
    { name: 'https', client: createKubeClient(connection) },
  )
})

after(async () => {
  connection[Symbol.dispose]()
  await serving.close()
  api.close()
  rmSync(directory, { recursive: true })
})

/** Runs `check` with each client, in a namespace of its own. */
async function withEach(check: (client: KubeClient, namespace: string) => Promise<void>) {
  for (const { name, client } of clients) {
    const namespace = `test-${name}-${process.hrtime.bigint().toString(36)}`
    await client.create(namespaces, { metadata: { name: namespace } })
    await check(client, namespace)
  }
}

function podOf(name: string, cpu = '100m'): Pod {
  const resources = { requests: { cpu, memory: '64Mi' }, limits: { cpu, memory: '64Mi' } }
  return {
    metadata: { name },
    spec: { containers: [{ name: 'app', image: 'busybox', resources }] },
  }
}

test('create, get, patch, resize, update, delete', () =>
  withEach(async (client, namespace) => {
    const made = await client.create(pods, podOf('web'), { namespace })
    assert.equal(made.metadata.namespace, namespace)
    const address = { namespace, name: 'web' }
    const labels = { metadata: { labels: { a: 'b' } } }
    const labelled = await client.patch(pods, address, { type: 'merge', body: labels })
    assert.equal(labelled.metadata.labels?.a, 'b')
    const resources = { requests: { cpu: '200m' }, limits: { cpu: '200m' } }
    const body = { spec: { containers: [{ name: 'app', resources }] } }
    const resize = { ...address, subresource: 'resize' }
    const resized = await client.patch(pods, resize, { type: 'strategic', body })
    assert.equal(resized.spec.containers[0]?.resources?.requests?.cpu, '200m')
    assert.equal(resized.metadata.generation, 2)
    const stale = client.update(pods, address, made)
    await assert.rejects(stale, { code: 409, reason: 'Conflict', retry: 'soon' })
    const wrong = client.patch(pods, resize, {
      type: 'json',
      body: [{ op: 'replace', path: '/spec/containers/0/resources/limits/cpu', value: '50m' }],
    })
    await assert.rejects(wrong, { code: 422, reason: 'Invalid', retry: 'never' })
    await client.delete(pods, address, { gracePeriodSeconds: 0 })
    await assert.rejects(client.get(pods, address), {
      code: 404,
      reason: 'NotFound',
      message: 'pods "web" not found',
    })
  }))

test('a long list comes in pages', () =>
  withEach(async (client, namespace) => {
    const names = Array.from({ length: 23 }, (_, i) => `p${String(i).padStart(2, '0')}`)
    await Promise.all(names.map((name) => client.create(pods, podOf(name), { namespace })))
    const list = await listAll(client, pods, { namespace, limit: 5 })
    assert.deepEqual(
      list.items.map(({ metadata }) => metadata.name),
      names,
    )
  }))

test('an informer sees every change, from whichever client', () =>
  withEach(async (client, namespace) => {
    const other = clients.find((one) => one.client !== client)?.client ?? client
    const controller = new AbortController()
    const told: string[] = []
    await client.create(pods, podOf('before'), { namespace })
    const informer = startInformer({
      client,
      resource: pods,
      selection: { namespace },
      signal: controller.signal,
      handlers: {
        onAdd: (pod) => told.push(`add ${pod.metadata.name}`),
        onUpdate: (pod) => told.push(`update ${pod.metadata.name}`),
        onDelete: (pod) => told.push(`delete ${pod.metadata.name}`),
      },
    })
    await informer.synced
    await other.create(pods, podOf('later'), { namespace })
    const address = { namespace, name: 'later' }
    const body = { metadata: { labels: { a: 'b' } } }
    await other.patch(pods, address, { type: 'merge', body })
    await other.delete(pods, address, { gracePeriodSeconds: 0 })
    await waitUntil('four changes', () => told.length >= 4)
    assert.deepEqual(told, ['add before', 'add later', 'update later', 'delete later'])
    assert.deepEqual([...informer.cache.keys()], [`${namespace}/before`])
    controller.abort()
    await informer.done
  }))

test('waiting for a change of one object', () =>
  withEach(async (client, namespace) => {
    const address = { namespace, name: 'web' }
    const isLabelled = (pod: Pod | undefined) => pod?.metadata.labels?.done === 'yes'
    const waiting = waitFor(client, pods, address, isLabelled, { timeoutMs: slow(5000) })
    await client.create(pods, podOf('other'), { namespace })
    await client.create(pods, podOf('web'), { namespace })
    const body = { metadata: { labels: { done: 'yes' } } }
    await client.patch(pods, address, { type: 'merge', body })
    assert.equal((await waiting).kind, 'met')
    const gone = waitFor(client, pods, address, (pod) => pod === undefined, {
      timeoutMs: slow(5000),
    })
    await client.delete(pods, address, { gracePeriodSeconds: 0 })
    assert.deepEqual(await gone, { kind: 'met', object: undefined })
  }))

test('events are written and counted', () =>
  withEach(async (client, namespace) => {
    const pod = await client.create(pods, podOf('web'), { namespace })
    const lost: unknown[] = []
    const onLost = (_: KubeEvent, error: unknown) => lost.push(error)
    await using recorder = createEventRecorder({ client, component: 'kubelet', host: 'n1', onLost })
    const text = { type: 'Normal', reason: 'ResizeStarted', message: 'hello' } as const
    recorder.record({ ...pod, kind: 'Pod', apiVersion: 'v1' }, text)
    await recorder.flush()
    for (let i = 0; i < 2; i++) recorder.record({ ...pod, kind: 'Pod', apiVersion: 'v1' }, text)
    await recorder.flush()
    assert.deepEqual(lost, [])
    const fieldSelector = 'involvedObject.name=web,reason=ResizeStarted'
    const { items } = await client.list(events, { namespace, fieldSelector })
    assert.equal(items.length, 1)
    const event = items[0] as KubeEvent
    assert.equal(event.count, 3)
    assert.equal(event.involvedObject.uid, pod.metadata.uid)
  }))

test('an informer over HTTPS outlives a server that was away', async () => {
  const database = join(directory, 'restart.db')
  const pki = await loadPki(join(directory, 'pki'))
  const start = async (port: number) => {
    const api = await createApiServer({ database })
    return { api, serving: await serveApi({ api, pki, host: '127.0.0.1', port }) }
  }
  const stop = async ({ api, serving }: Awaited<ReturnType<typeof start>>) => {
    await serving.close()
    api.close()
  }
  let server = await start(0)
  const { port, url } = server.serving
  const file = join(directory, 'restart-kubeconfig')
  await writeKubeconfig(file, url, pki)
  using connection = await connect({ file })
  const client = createKubeClient(connection)
  const controller = new AbortController()
  const told: string[] = []
  const errors: unknown[] = []
  const informer = startInformer({
    client,
    resource: pods,
    signal: controller.signal,
    backOff: { firstMs: 20, maxMs: 100 },
    onError: (error) => errors.push(error),
    handlers: {
      onAdd: (pod) => told.push(`add ${pod.metadata.name}`),
      onDelete: (pod) => told.push(`delete ${pod.metadata.name}`),
    },
  })
  await informer.synced
  const namespace = 'default'
  await client.create(pods, podOf('one'), { namespace })
  await waitUntil('change 1', () => told.length === 1)
  await stop(server)
  await waitUntil('it to notice that the server is away', () => errors.length > 0)
  server = await start(port)
  await client.delete(pods, { namespace, name: 'one' }, { gracePeriodSeconds: 0 })
  await client.create(pods, podOf('two'), { namespace })
  await waitUntil('change 3', () => told.length === 3)
  assert.deepEqual(told, ['add one', 'delete one', 'add two'])
  controller.abort()
  await informer.done
  await stop(server)
})
