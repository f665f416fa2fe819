import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { TestApi, listOf, textOf } from '../../../test/apiserver/test-api.ts'
import { waitUntil } from '../../../test/support/wait-until.ts'

const core = '/api/v1/namespaces/default/events'
const grouped = '/apis/events.k8s.io/v1/namespaces/default/events'
const regarding = { kind: 'Pod', name: 'web', namespace: 'default', apiVersion: 'v1' }

const newer = {
  apiVersion: 'events.k8s.io/v1',
  kind: 'Event',
  metadata: { name: 'web.1', namespace: 'default' },
  regarding,
  eventTime: '2026-01-02T03:04:05.000006Z',
  reportingController: 'example.org/tool',
  reportingInstance: 'tool-1',
  action: 'Looking',
  reason: 'Looked',
  type: 'Normal',
  note: 'It was looked at',
}

const older = {
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: 'web.2', namespace: 'default' },
  involvedObject: regarding,
  reason: 'Pulled',
  message: 'It was pulled',
  type: 'Warning',
  count: 3,
  source: { component: 'kubelet', host: 'n1' },
  firstTimestamp: '2026-01-02T03:04:05Z',
  lastTimestamp: '2026-01-02T03:04:07Z',
}

describe('events', () => {
  it('are the same in both groups, with the names of each', async () => {
    using api = await TestApi.start()
    const made = await api.post(grouped, newer)
    assert.equal(made.code, 201, made.text)
    assert.equal(made.body.apiVersion, 'events.k8s.io/v1')
    assert.equal(made.body.note, 'It was looked at')
    const old = (await api.get(`${core}/web.1`)).body
    assert.equal(old.apiVersion, 'v1')
    assert.equal(old.message, 'It was looked at')
    assert.deepEqual(old.involvedObject, regarding)
    assert.equal(old.reportingComponent, 'example.org/tool')
    assert.equal(old.note, undefined)

    assert.equal((await api.post(core, older)).code, 201)
    const seen = (await api.get(`${grouped}/web.2`)).body
    assert.equal(seen.note, 'It was pulled')
    assert.equal(seen.deprecatedCount, 3)
    assert.deepEqual(seen.deprecatedSource, older.source)
    assert.equal(seen.eventTime, null)
    const { body } = await api.get(grouped)
    assert.deepEqual(
      listOf(body.items).map(({ note }) => note),
      ['It was looked at', 'It was pulled'],
    )
  })

  it('become series by patches of either group', async () => {
    using api = await TestApi.start()
    await api.post(grouped, newer)
    const series = { count: 2, lastObservedTime: '2026-01-02T03:05:05.000000Z' }
    const { code, body } = await api.patch(`${grouped}/web.1`, { series }, 'strategic')
    assert.equal(code, 200)
    assert.deepEqual(body.series, series)
    assert.equal(body.regarding?.name, 'web')
    assert.deepEqual((await api.get(`${core}/web.1`)).body.series, series)
    const again = await api.patch(`${core}/web.1`, { series: { count: 3 } }, 'merge')
    assert.equal(again.body.message, 'It was looked at')
    assert.equal((await api.get(`${grouped}/web.1`)).body.series?.count, 3)
  })

  it('that have happened stay what they are, but for their series', async () => {
    using api = await TestApi.start()
    await api.post(grouped, newer)
    const change = { reason: 'Forgot', note: 'Never', series: { count: 1 } }
    const { code, body } = await api.patch(`${grouped}/web.1`, change, 'merge')
    assert.equal(code, 422)
    assert.deepEqual(
      listOf(body.details?.causes).map(({ field, message }) => [field, message].map(textOf)),
      [
        ['series.count', 'Invalid value: "": should be at least 2'],
        ['series.lastObservedTime', 'Required value'],
        ['reason', 'Invalid value: "Forgot": field is immutable'],
        ['message', 'Invalid value: "Never": field is immutable'],
      ],
    )
    await api.post(core, older)
    const seen = (await api.get(`${grouped}/web.2`)).body
    const labelled = { ...seen, metadata: { ...seen.metadata, labels: { a: 'b' } } }
    assert.equal((await api.put(`${grouped}/web.2`, labelled)).code, 200)
  })

  it('are watched and selected in either form', async () => {
    using api = await TestApi.start()
    const [one, two] = [
      await api.watch(`${grouped}?watch=true`),
      await api.watch(`${core}?watch=true&fieldSelector=involvedObject.name=web`),
    ]
    await api.post(grouped, newer)
    const [a, b] = [await one.next(), await two.next()]
    assert.equal(a?.object['note'], 'It was looked at')
    assert.equal(b?.object['message'], 'It was looked at')
    const found = await api.get(`${grouped}?fieldSelector=regarding.name=web,reason=Looked`)
    assert.equal(listOf(found.body.items).length, 1)
    assert.equal((await api.get(`${grouped}?fieldSelector=involvedObject.name=web`)).code, 400)
    await Promise.all([one.cancel(), two.cancel()])
  })

  it('of the newer form must say when, by whom and what', async () => {
    using api = await TestApi.start()
    const { eventTime: _eventTime, action: _action, ...bare } = newer
    const { code, body } = await api.post(grouped, bare)
    assert.equal(code, 422)
    const fields = listOf(body.details?.causes).map(({ field }) => textOf(field))
    assert.deepEqual(fields, ['eventTime', 'action'])
  })
})

describe('namespaces/finalize', () => {
  it('changes spec.finalizers, and nothing else does', async () => {
    using api = await TestApi.start()
    const path = '/api/v1/namespaces/held'
    await api.post('/api/v1/namespaces', { metadata: { name: 'held' } })
    const { body } = await api.get(path)
    const held = { ...body, spec: { finalizers: ['kubernetes', 'example.org/mine'] } }
    assert.equal((await api.put(`${path}/finalize`, held)).code, 200)
    await api.delete(path)
    const { body: leaving } = await waitUntil(
      'nothing else to hold it',
      () => api.get(path),
      (now) => isDeepStrictEqual(now.body.spec?.finalizers, ['example.org/mine']),
    )
    assert.equal(leaving.status?.phase, 'Terminating')
    const free = { ...leaving, spec: { finalizers: [] } }
    assert.equal((await api.put(`${path}/finalize`, free)).code, 200)
    assert.equal((await api.get(path)).code, 404)
  })

  it('may be there from the start, of those that have a name', async () => {
    using api = await TestApi.start()
    const make = (finalizer: string) =>
      api.post('/api/v1/namespaces', {
        metadata: { name: 'held' },
        spec: { finalizers: [finalizer] },
      })
    const refused = await make('foo')
    assert.equal(
      refused.body.message,
      'Namespace "held" is invalid: spec.finalizers[0]: Invalid value: "foo": name is neither a standard finalizer name nor is it fully qualified',
    )
    const { body } = await make('example.org/mine')
    assert.deepEqual(body.spec?.finalizers, ['example.org/mine', 'kubernetes'])
  })
})
