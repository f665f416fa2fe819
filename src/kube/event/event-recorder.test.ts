import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createEventRecorder } from './event-recorder.ts'
import type { KubeEvent } from './kube-event.ts'
import { KubeError } from '../client/kube-error.ts'

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'a', uid: 'u1', resourceVersion: '7' },
}
const started = { type: 'Normal', reason: 'ResizeStarted', message: 'from 1 to 2' } as const

/** A client that notes what is written, and fails as told. */
function fakeClient(failures: Error[] = []) {
  const written: { readonly verb: string; readonly body: KubeEvent }[] = []
  const write = (verb: string, what: unknown) => {
    const failure = failures.shift()
    if (failure !== undefined) return Promise.reject(failure)
    const body = what as KubeEvent
    written.push({ verb, body })
    return Promise.resolve(what as never)
  }
  return {
    written,
    create: (_: unknown, object: unknown) => write('create', object),
    patch: (_: unknown, address: { name: string }, patch: { body: unknown }) =>
      write(`patch ${address.name}`, patch.body),
  }
}

test('writes an event as Kubernetes has it', async () => {
  const client = fakeClient()
  const now = () => Date.UTC(2026, 0, 2, 3, 4, 5, 678)
  const recorder = createEventRecorder({ client, component: 'kubelet', host: 'n1', now })
  recorder.record(pod, { ...started, fieldPath: 'spec.containers{app}' })
  await recorder.flush()
  const name = `web.${(BigInt(now()) * 1_000_000n).toString(16)}`
  const at = '2026-01-02T03:04:05Z'
  const event = {
    metadata: { name, namespace: 'a' },
    involvedObject: {
      kind: 'Pod',
      namespace: 'a',
      name: 'web',
      uid: 'u1',
      apiVersion: 'v1',
      resourceVersion: '7',
      fieldPath: 'spec.containers{app}',
    },
    ...started,
    count: 1,
    firstTimestamp: at,
    lastTimestamp: at,
    source: { component: 'kubelet', host: 'n1' },
    reportingComponent: 'kubelet',
    reportingInstance: 'n1',
    eventTime: null,
  }
  assert.deepEqual(client.written, [{ verb: 'create', body: event }])
})

test('repetitions raise the count; other messages are other events', async () => {
  const client = fakeClient()
  let ms = 0
  const now = () => (ms += 1000)
  const recorder = createEventRecorder({ client, component: 'kubelet', now })
  recorder.record(pod, started)
  await recorder.flush()
  recorder.record(pod, started)
  await recorder.flush()
  recorder.record(pod, { ...started, message: 'from 2 to 3' })
  await recorder.flush()
  const [first, second, third] = client.written
  const name = first?.body.metadata.name
  assert.equal(second?.verb, `patch ${name}`)
  assert.deepEqual(second.body, { count: 2, lastTimestamp: '1970-01-01T00:00:02Z' })
  assert.equal(third?.verb, 'create')
  assert.notEqual(third.body.metadata.name, name)
})

test('repetitions that are still waiting go out as one', async () => {
  const client = fakeClient()
  const recorder = createEventRecorder({ client, component: 'kubelet' })
  for (let i = 0; i < 5; i++) recorder.record(pod, started)
  await recorder.flush()
  assert.equal(client.written.length, 1)
  assert.equal(client.written[0]?.body.count, 5)
})

test('an event that the server has dropped meanwhile is written anew', async () => {
  const client = fakeClient()
  const recorder = createEventRecorder({ client, component: 'kubelet' })
  recorder.record(pod, started)
  await recorder.flush()
  const gone = fakeClient([new KubeError('gone', { code: 404, reason: 'NotFound' })])
  client.patch = gone.patch
  recorder.record(pod, started)
  await recorder.flush()
  assert.deepEqual(
    client.written.map(({ verb }) => verb),
    ['create', 'create'],
  )
  assert.equal(client.written[1]?.body.count, 2)
})

test('an event whose answer was lost is not lost, nor are its repetitions', async () => {
  const cut = new KubeError('cut', { code: 0, reason: 'Unreachable' })
  const there = new KubeError('there', { code: 409, reason: 'AlreadyExists' })
  const client = fakeClient([cut, there])
  const recorder = createEventRecorder({ client, component: 'kubelet', onLost: assert.fail })
  for (let count = 1; count <= 2; count += 1) {
    recorder.record(pod, started)
    await recorder.flush()
  }
  const counts = client.written.map(({ verb, body }) => [verb.split(' ')[0], body.count])
  assert.deepEqual(counts, [
    ['patch', 1],
    ['patch', 2],
  ])
})

test('a server that is away for a moment gets the event later; a refused one is reported', async () => {
  const away = new KubeError('away', { code: 0, reason: 'Unreachable' })
  const forbidden = new KubeError('no', { code: 403, reason: 'Forbidden' })
  const client = fakeClient([away, forbidden])
  const lost: string[] = []
  const onLost = (event: KubeEvent, error: unknown) => lost.push(`${event.reason} ${String(error)}`)
  await using recorder = createEventRecorder({ client, component: 'kubelet', onLost })
  recorder.record(pod, started)
  recorder.record(pod, { ...started, reason: 'ResizeCompleted' })
  await recorder.flush()
  assert.deepEqual(lost, ['ResizeStarted KubeError: no'])
  assert.equal(client.written.length, 1)
})
