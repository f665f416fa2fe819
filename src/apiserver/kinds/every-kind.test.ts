import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Answer, TestApi, listOf, podBody, textOf } from '../../../test/apiserver/test-api.ts'

const inDefault = (plural: string, group = 'api/v1') => `/${group}/namespaces/default/${plural}`
const about = { namespace: 'default', kind: 'Pod', name: 'web' }

/** A good object of each kind that is stored, without its name. */
const kinds: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
  ['/api/v1/namespaces', { kind: 'Namespace' }],
  ['/api/v1/nodes', { kind: 'Node' }],
  [inDefault('pods'), podBody('')],
  [inDefault('configmaps'), { kind: 'ConfigMap', data: { a: 'yes' } }],
  [inDefault('secrets'), { kind: 'Secret', stringData: { a: 'b' } }],
  [inDefault('serviceaccounts'), { kind: 'ServiceAccount' }],
  [inDefault('services'), { kind: 'Service', spec: { ports: [{ port: 80 }] } }],
  [inDefault('resourcequotas'), { kind: 'ResourceQuota', spec: { hard: { pods: '100' } } }],
  [
    inDefault('limitranges'),
    { kind: 'LimitRange', spec: { limits: [{ type: 'Container', max: { cpu: '5' } }] } },
  ],
  ['/apis/scheduling.k8s.io/v1/priorityclasses', { kind: 'PriorityClass', value: 5 }],
  [
    inDefault('leases', 'apis/coordination.k8s.io/v1'),
    { kind: 'Lease', spec: { holderIdentity: 'a' } },
  ],
  [inDefault('events'), { kind: 'Event', involvedObject: about, reason: 'R', type: 'Normal' }],
  [
    inDefault('events', 'apis/events.k8s.io/v1'),
    {
      kind: 'Event',
      eventTime: '2026-01-01T00:00:00.000000Z',
      action: 'A',
      reason: 'R',
      type: 'Normal',
      regarding: about,
      reportingController: 'example.com/c',
      reportingInstance: 'i',
    },
  ],
]

let api: TestApi
before(async () => {
  api = await TestApi.start()
})
after(() => api[Symbol.dispose]())

function expectCode(code: number, answer: Answer): Answer {
  assert.equal(answer.code, code, answer.text)
  return answer
}

function versionOf({ body }: Answer): unknown {
  return body.metadata?.resourceVersion
}

describe('every kind', () => {
  for (const [path, body] of kinds) {
    const name = 'one'
    const object = { ...body, metadata: { name } }
    const one = `${path}/${name}`

    test(`${path} is made once, and not in a dry run or with unknown fields`, async () => {
      expectCode(201, await api.post(`${path}?dryRun=All`, object))
      expectCode(404, await api.get(one))
      expectCode(400, await api.post(`${path}?fieldValidation=Strict`, { ...object, bogus: 1 }))
      expectCode(201, await api.post(path, object))
      expectCode(409, await api.post(path, object))
      const made = await api.post(path, { ...body, metadata: { generateName: 'made-' } })
      expectCode(201, made)
    })

    test(`${path} is changed by patches of three types, and by what was read`, async () => {
      const stale = await api.get(one)
      const yaml = await api.get(one, 'application/yaml')
      const again = await api.send('PUT', one, yaml.text, 'application/yaml')
      assert.equal(versionOf(expectCode(200, again)), versionOf(stale))
      expectCode(200, await api.patch(one, { metadata: { labels: { a: 'b' } } }))
      expectCode(200, await api.patch(one, { metadata: { annotations: { c: 'd' } } }, 'merge'))
      const added = [{ op: 'add', path: '/metadata/labels/e', value: 'f' }]
      const last = expectCode(200, await api.patch(one, added, 'json'))
      assert.equal(versionOf(expectCode(200, await api.put(one, last.body))), versionOf(last))
      expectCode(409, await api.put(one, stale.body))
    })

    test(`${path} is listed, by labels and fields, in each form`, async () => {
      const queries = ['labelSelector=a%20in%20(b),e,!x', `fieldSelector=metadata.name%3D${name}`]
      for (const query of queries) {
        const { body: list } = expectCode(200, await api.get(`${path}?${query}`))
        assert.equal(listOf(list.items).length, 1, query)
      }
      expectCode(400, await api.get(`${path}?fieldSelector=no.such%3Dfield`))
      for (const as of ['Table', 'PartialObjectMetadataList']) {
        const accept = `application/json;as=${as};g=meta.k8s.io;v=v1`
        assert.equal(expectCode(200, await api.get(path, accept)).body.kind, as)
      }
      const page = expectCode(200, await api.get(`${path}?limit=1`)).body.metadata
      expectCode(200, await api.get(`${path}?limit=1&continue=${textOf(page?.continue)}`))
    })

    test(`${path} goes when it is meant, and nothing holds it`, async () => {
      expectCode(200, await api.delete(`${one}?dryRun=All`))
      expectCode(409, await api.delete(one, { preconditions: { uid: 'other' } }))
      expectCode(200, await api.patch(one, { metadata: { finalizers: ['a.b/c'] } }, 'merge'))
      const held = expectCode(200, await api.delete(one, { gracePeriodSeconds: 0 }))
      assert.ok(held.body.metadata?.deletionTimestamp, held.text)
      expectCode(200, await api.patch(one, { metadata: { finalizers: null } }, 'merge'))
      // What is in a namespace goes first.
      if (path.endsWith('/namespaces')) return
      expectCode(404, await api.get(one))
    })
  }

  test('had nothing to be surprised of in all of this', () => assert.deepEqual(api.errors, []))
})
