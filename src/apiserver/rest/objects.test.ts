import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  TestApi,
  listOf,
  patchTypes,
  podBody,
  podsPath,
  textOf,
} from '../../../test/apiserver/test-api.ts'

let api: TestApi

before(async () => {
  api = await TestApi.start()
})

after(() => api[Symbol.dispose]())

const maps = '/api/v1/namespaces/default/configmaps'

function configMap(name: string, data: Record<string, string> = {}) {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data }
}

describe('create', () => {
  it('sets what the server owns and ignores what the client wrote there', async () => {
    const { code, body } = await api.post(podsPath, {
      ...podBody('owned'),
      metadata: { name: 'owned', uid: 'mine', generation: 7, deletionTimestamp: null },
      status: { phase: 'Running' },
    })
    assert.equal(code, 201)
    const { metadata, status } = body
    assert.equal(metadata?.generation, 1)
    assert.match(textOf(metadata?.uid), /^[0-9a-f]{8}-/)
    assert.match(textOf(metadata?.creationTimestamp), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    assert.match(textOf(metadata?.resourceVersion), /^\d+$/)
    assert.deepEqual(status, { phase: 'Pending', qosClass: 'Burstable' })
  })

  it('takes no version of what is to be made, but for 0, which is none', async () => {
    const make = async (resourceVersion: string) => {
      const metadata = { name: 'versioned', resourceVersion }
      const { code, body } = await api.post(`${maps}?dryRun=All`, { metadata })
      return [code, body.message, body.metadata?.resourceVersion]
    }
    const why = 'resourceVersion should not be set on objects to be created'
    assert.deepEqual(await make('5'), [400, why, undefined])
    assert.deepEqual(await make('0'), [201, undefined, undefined])
  })

  it('takes no namespace for what has none, and no selfLink', async () => {
    const metadata = { name: 'nowhere', namespace: 'default', selfLink: '/a' }
    const { code, body } = await api.post('/api/v1/nodes', { metadata })
    assert.equal(code, 201)
    const changed = await api.patch('/api/v1/nodes/nowhere', { metadata }, 'merge')
    assert.equal(changed.code, 200)
    for (const stored of [body, changed.body]) {
      assert.deepEqual(Object.keys(stored.metadata ?? {}).toSorted(), [
        'creationTimestamp',
        'name',
        'resourceVersion',
        'uid',
      ])
    }
  })

  it('keeps each owner once, and warns of those that come twice', async () => {
    const owner = (uid: string) => ({ apiVersion: 'v1', kind: 'Pod', name: 'a', uid })
    const { name: _name, ...turned } = owner('1')
    const ownerReferences = [owner('1'), owner('2'), { name: 'a', ...turned }]
    const made = { metadata: { name: 'owned-twice', ownerReferences } }
    const { body, headers } = await api.post(`${maps}?dryRun=All`, made)
    assert.deepEqual(body.metadata?.ownerReferences, [owner('1'), owner('2')])
    assert.match(
      headers.get('warning') ?? '',
      /^299 - ".metadata.ownerReferences contains duplicate entries; .* observed: \[1\]"$/,
    )
  })

  it('refuses a name that is taken', async () => {
    await api.post(maps, configMap('taken'))
    const { code, body } = await api.post(maps, configMap('taken'))
    assert.equal(code, 409)
    assert.equal(body.reason, 'AlreadyExists')
    assert.equal(body.message, 'configmaps "taken" already exists')
    assert.deepEqual(body.details, { name: 'taken', kind: 'configmaps' })
  })

  it('makes a name from generateName', async () => {
    const { body } = await api.post(maps, { metadata: { generateName: 'made-' } })
    assert.match(textOf(body.metadata?.name), /^made-[bcdfghjklmnpqrstvwxz2456789]{5}$/)
    assert.equal(body.metadata?.generateName, 'made-')
  })

  it('makes another name when one is taken, but not for ever', async (context) => {
    let zeros = 3
    const real = crypto.getRandomValues.bind(crypto)
    context.mock.method(crypto, 'getRandomValues', (bytes: Uint8Array<ArrayBuffer>) => {
      zeros -= 1
      return zeros < 0 ? real(bytes) : bytes.fill(0)
    })
    const make = () => api.post(maps, { metadata: { generateName: 'twice-' } })
    assert.equal((await make()).body.metadata?.name, 'twice-bbbbb')
    const second = await make()
    assert.equal(second.code, 201)
    assert.notEqual(second.body.metadata?.name, 'twice-bbbbb')
    zeros = 8
    const { code, body } = await make()
    assert.equal(code, 409)
    assert.equal(zeros, 0)
    assert.equal(
      body.message,
      'configmaps "twice-bbbbb" already exists, the server was not able to generate a unique name for the object',
    )
  })

  it('wants a generateName that could begin a name', async () => {
    const causes = async (generateName: string) => {
      const { body } = await api.post(maps, { metadata: { generateName } })
      return listOf(body.details?.causes).map(({ field, message }) => {
        return `${textOf(field)} ${textOf(message)}`
      })
    }
    assert.deepEqual(await causes('with-dash-'), [])
    const [prefix, name] = await causes('Upper-')
    assert.match(
      prefix ?? '',
      /^metadata.generateName Invalid value: "Upper-": a lowercase RFC 1123/,
    )
    assert.match(name ?? '', /^metadata.name Invalid value: "Upper-.{5}": a lowercase RFC 1123/)
    assert.deepEqual(await causes('a'.repeat(254)), [
      `metadata.generateName Invalid value: "${'a'.repeat(254)}": must be no more than 253 bytes`,
    ])
  })

  it('asks for a name, and for a good one', async () => {
    const nameless = await api.post(maps, { metadata: {} })
    assert.equal(nameless.code, 422)
    assert.equal(
      nameless.body.message,
      'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
    )
    const bad = await api.post(maps, configMap('Not_Good'))
    assert.equal(bad.code, 422)
    assert.match(textOf(bad.body.message), /a lowercase RFC 1123 subdomain must consist of/)
  })

  it('refuses a namespace that is not there, and another than the path says', async () => {
    const missing = await api.post('/api/v1/namespaces/nowhere/configmaps', configMap('a'))
    assert.equal(missing.code, 404)
    assert.equal(missing.body.message, 'namespaces "nowhere" not found')
    const other = await api.post(maps, { metadata: { name: 'a', namespace: 'kube-system' } })
    assert.equal(other.code, 400)
    assert.match(textOf(other.body.message), /does not match the namespace sent on the request/)
    const invalid = await api.post('/api/v1/namespaces/nowhere/pods', { metadata: { name: 'A' } })
    assert.equal(invalid.body.message, 'namespaces "nowhere" not found')
  })

  it('stores nothing in a dry run', async () => {
    const { code, body } = await api.post(`${maps}?dryRun=All`, configMap('dry'))
    assert.equal(code, 201)
    assert.equal(body.metadata?.name, 'dry')
    assert.equal((await api.get(`${maps}/dry`)).code, 404)
    assert.equal((await api.post(`${maps}?dryRun=Some`, configMap('dry'))).code, 422)
    await api.post(maps, configMap('dry'))
    const again = await api.post(`${maps}?dryRun=All`, configMap('dry'))
    assert.equal(again.body.message, 'configmaps "dry" already exists')
  })

  it('warns of unknown fields, refuses them when asked, or is silent', async () => {
    const body = { ...podBody('strict'), wrong: 1 }
    const strict = await api.post(`${podsPath}?fieldValidation=Strict&dryRun=All`, body)
    assert.equal(strict.code, 400)
    assert.equal(
      strict.body.message,
      'Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field "wrong"',
    )
    const warned = await api.post(`${podsPath}?dryRun=All`, body)
    assert.equal(warned.code, 201)
    assert.equal(warned.headers.get('warning'), String.raw`299 - "unknown field \"wrong\""`)
    assert.equal(warned.body.wrong, undefined)
    const foreign = await api.post(`${podsPath}?dryRun=All`, { ...podBody('strict'), 誤: 1 })
    assert.equal(foreign.code, 201)
    const silent = await api.post(`${podsPath}?fieldValidation=Ignore&dryRun=All`, body)
    assert.equal(silent.headers.get('warning'), null)
  })

  it('warns of what is odd about a new pod, and of nothing when it changes', async () => {
    const size = { requests: { cpu: '10m', memory: '100m' } }
    const { code, headers } = await api.post(podsPath, podBody('odd', size))
    assert.equal(code, 201)
    assert.match(headers.get('warning') ?? '', /\[memory\]: fractional byte value \\"100m\\"/)
    const labels = { metadata: { labels: { a: 'b' } } }
    assert.equal((await api.patch(`${podsPath}/odd`, labels)).headers.get('warning'), null)
  })

  it('refuses options that are none before it looks at anything', async () => {
    await api.post(maps, configMap('there'))
    const merge = 'application/merge-patch+json'
    const calls = [
      ['POST', 'CreateOptions', maps, 'dryRun=x', 'application/json'],
      ['PUT', 'UpdateOptions', `${maps}/none`, 'fieldValidation=strict', 'application/json'],
      ['PATCH', 'PatchOptions', `${maps}/none`, `fieldManager=${'x'.repeat(129)}`, merge],
      ['PATCH', 'PatchOptions', `${maps}/none`, 'force=true', merge],
      ['POST', 'CreateOptions', maps, 'fieldManager=a%0Ab', 'application/json'],
      ['DELETE', 'DeleteOptions', `${maps}/none`, 'dryRun=x', 'application/json'],
    ] as const
    for (const [method, kind, path, query, type] of calls) {
      const { code, body } = await api.send(method, `${path}?${query}`, configMap('there'), type)
      assert.equal(code, 422, query)
      assert.equal(body.details?.kind, kind)
      assert.match(textOf(body.message), new RegExp(`^${kind}.meta.k8s.io "" is invalid: `))
    }
  })

  it('reads YAML, and says what it cannot read', async () => {
    const yaml = 'metadata:\n  name: from-yaml\ndata: {a: b}\n'
    const { code, body } = await api.send('POST', maps, yaml, 'application/yaml')
    assert.equal(code, 201)
    assert.equal(body.data?.a, 'b')
    const comment = `# ${'x'.repeat(2 * 1024 * 1024)}\n`
    const large = comment + yaml.replace('from-yaml', 'from-large-yaml')
    assert.equal((await api.send('POST', maps, large, 'application/yaml')).code, 201)
    const cbor = await api.send('POST', maps, '', 'application/cbor')
    assert.equal(cbor.code, 415)
    assert.equal(cbor.body.reason, 'UnsupportedMediaType')
    assert.equal((await api.send('POST', maps, '{}', 'text/plain')).code, 415)
    assert.equal((await api.send('POST', maps, '{}', 'constructor')).code, 415)
    const protobuf = await api.send('POST', maps, 'k8s', 'application/vnd.kubernetes.protobuf')
    assert.equal(protobuf.code, 400)
    const broken = await api.send('POST', maps, '{"metadata":')
    assert.equal(broken.code, 400)
  })

  it('tells of each key that comes twice in YAML where it is', async () => {
    const yaml = 'metadata:\n  name: twice\ndata:\n  a: b\n  a: c\n  d: e\n  d: f\nfoo: 1\n'
    const send = (query: string) => api.send('POST', `${maps}?${query}`, yaml, 'application/yaml')
    const [a, d] = ['line 5: key "a" already set in map', 'line 7: key "d" already set in map']
    const { headers } = await send('dryRun=All')
    const warned = [a, d, 'unknown field "foo"'].map((text) => `299 - ${JSON.stringify(text)}`)
    assert.equal(headers.get('warning'), warned.join(', '))
    assert.equal(
      (await send('fieldValidation=Strict')).body.message,
      `ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: yaml: unmarshal errors:\n  ${a}\n  ${d}, unknown field "foo"`,
    )
  })

  it('takes null for nothing', async () => {
    const { body } = await api.send('POST', maps, 'null')
    const nameless = 'ConfigMap "" is invalid: metadata.name: Required value: name or generateName '
    assert.equal(body.message, `${nameless}is required`)
  })

  it('takes a body that does not say what it is for JSON', async () => {
    const body = new TextEncoder().encode(JSON.stringify(configMap('untyped', {})))
    const { code, text } = await api.ask('POST', maps, { body })
    assert.equal(code, 201, text)
  })

  it('refuses a body of another kind', async () => {
    const { code } = await api.post(maps, { kind: 'Secret', metadata: { name: 'a' } })
    assert.equal(code, 400)
  })

  it('refuses a body that is too large', async () => {
    const { code, body } = await api.post(maps, configMap('big', { a: 'x'.repeat(3_200_000) }))
    assert.equal(code, 413)
    assert.equal(body.reason, 'RequestEntityTooLarge')
  })
})

describe('update', () => {
  it('refuses an old version of the object', async () => {
    const made = await api.post(maps, configMap('locked', { a: '1' }))
    const first = await api.put(`${maps}/locked`, { ...made.body, data: { a: '2' } })
    assert.equal(first.code, 200)
    const second = await api.put(`${maps}/locked`, { ...made.body, data: { a: '3' } })
    assert.equal(second.code, 409)
    assert.equal(
      second.body.message,
      'Operation cannot be fulfilled on configmaps "locked": the object has been modified; please apply your changes to the latest version and try again',
    )
  })

  it('writes nothing when nothing changes', async () => {
    const made = await api.post(maps, configMap('same', { a: '1' }))
    const again = await api.put(`${maps}/same`, configMap('same', { a: '1' }))
    assert.equal(again.code, 200)
    assert.equal(again.body.metadata?.resourceVersion, made.body.metadata?.resourceVersion)
  })

  it('refuses another name and another uid', async () => {
    await api.post(maps, configMap('me'))
    const name = await api.put(`${maps}/me`, configMap('you'))
    assert.equal(name.code, 400)
    assert.equal(
      name.body.message,
      'the name of the object (you) does not match the name on the URL (me)',
    )
    const uid = await api.put(`${maps}/me`, { metadata: { name: 'me', uid: 'other' } })
    assert.equal(uid.code, 409)
    const nameless = [
      await api.put(`${maps}/me`, { data: {} }),
      await api.patch(`${maps}/me`, { metadata: { name: null } }),
    ]
    for (const { code, body } of nameless) {
      assert.equal(code, 400)
      assert.equal(
        body.message,
        'the name of the object (me based on URL) was undeterminable: name must be provided',
      )
    }
  })

  it('makes events and leases that are missing, but nothing else', async () => {
    const lease = { metadata: { name: 'n1' }, spec: { holderIdentity: 'n1' } }
    const path = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n1'
    const other = await api.put(path, { ...lease, metadata: { name: 'n2' } })
    assert.equal(other.code, 400)
    const { code, body } = await api.put(path, lease)
    assert.equal(code, 201)
    assert.equal((await api.put(path, { ...lease, metadata: body.metadata })).code, 200)
    const unversioned = await api.put(path, lease)
    assert.equal(unversioned.code, 422)
    assert.equal(
      unversioned.body.message,
      'leases.coordination.k8s.io "n1" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
    )
    assert.equal((await api.put(`${maps}/absent`, configMap('absent'))).code, 404)
  })

  it('counts changes of a pod in generation, but not those of metadata and status', async () => {
    await api.post(podsPath, podBody('counted'))
    const path = `${podsPath}/counted`
    const labelled = await api.patch(path, { metadata: { labels: { a: 'b' } } })
    assert.equal(labelled.body.metadata?.generation, 1)
    const status = await api.patch(`${path}/status`, { status: { phase: 'Running' } })
    assert.equal(status.body.metadata?.generation, 1)
    assert.equal(status.body.status?.qosClass, 'Burstable')
    const other = await api.patch(`${path}/status`, { status: { qosClass: 'Guaranteed' } })
    assert.equal(
      other.body.message,
      'Pod "counted" is invalid: status.qosClass: Invalid value: "Guaranteed": field is immutable',
    )
    const image = { spec: { containers: [{ name: 'main', image: 'busybox:2' }] } }
    assert.equal((await api.patch(path, image)).body.metadata?.generation, 2)
    assert.equal((await api.patch(path, image)).body.metadata?.generation, 2)
  })

  it('keeps status and the rest apart', async () => {
    await api.post(podsPath, podBody('parts'))
    const path = `${podsPath}/parts`
    const viaMain = await api.patch(path, { status: { phase: 'Failed' } })
    assert.equal(viaMain.code, 200)
    assert.equal(viaMain.body.status?.phase, 'Pending')
    const viaStatus = await api.patch(`${path}/status`, {
      metadata: { labels: { from: 'status' } },
      spec: { nodeName: 'n1' },
      status: { phase: 'Running' },
    })
    assert.equal(viaStatus.body.spec?.nodeName, undefined)
    assert.equal(viaStatus.body.metadata?.labels?.from, 'status')
    assert.equal(viaStatus.body.status?.phase, 'Running')
  })
})

describe('patch', () => {
  it('is itself read as strictly as its client wants', async () => {
    await api.post(maps, configMap('read', { a: '1' }))
    const twice = '{"data":{"a":"2","a":"3"},"foo":1}'
    const odd = '[{"op":"add","op":"add","path":"/foo","value":1,"bar":1}]'
    const found = 'duplicate field "data.a", unknown field "foo"'
    const inOperation = 'json patch unknown field "[0].bar", json patch duplicate field "[0].op"'
    for (const [type, patch, errors] of [
      [patchTypes.merge, twice, found],
      [patchTypes.strategic, twice, found],
      [patchTypes.json, odd, `${inOperation}, unknown field "foo"`],
    ] as const) {
      const ask = (validation: string) =>
        api.send('PATCH', `${maps}/read?dryRun=All&fieldValidation=${validation}`, patch, type)
      const { code, body } = await ask('Strict')
      assert.equal(code, 422)
      const [cause] = listOf(body.details?.causes)
      assert.equal(cause?.field, 'patch')
      assert.ok(textOf(cause?.message).endsWith(`: strict decoding error: ${errors}`), type)
      const warned = await ask('Warn')
      assert.equal(warned.code, 200)
      const texts = [
        ...(warned.headers.get('warning') ?? '').matchAll(/299 - "((?:\\.|[^"\\])*)"/g),
      ]
      assert.equal(texts.map(([, text = '']) => text.replaceAll('\\', '')).join(', '), errors)
      assert.equal((await ask('Ignore')).headers.get('warning'), null)
    }
  })

  it('takes strategic merge, merge and JSON patches', async () => {
    await api.post(maps, configMap('patched', { a: '1', b: '2' }))
    const path = `${maps}/patched`
    await api.patch(path, { data: { a: '3', b: null } })
    await api.patch(path, { data: { c: '4' } }, 'merge')
    const { body } = await api.patch(path, [{ op: 'remove', path: '/data/c' }], 'json')
    assert.deepEqual(body.data, { a: '3' })
  })

  it('honours a resourceVersion in the patch', async () => {
    await api.post(maps, configMap('versioned'))
    const stale = { metadata: { resourceVersion: '1' }, data: { a: 'b' } }
    assert.equal((await api.patch(`${maps}/versioned`, stale)).code, 409)
  })

  it('applies patches that come at once one after the other', async () => {
    await api.post(maps, configMap('crowded'))
    const keys = Array.from({ length: 40 }, (_, index) => `k${index}`)
    const patches = keys.map((key) => api.patch(`${maps}/crowded`, { data: { [key]: 'x' } }))
    for (const { code } of await Promise.all(patches)) assert.equal(code, 200)
    const { body } = await api.get(`${maps}/crowded`)
    assert.equal(Object.keys(body.data ?? {}).length, keys.length)
  })

  it('refuses other patch types and unreadable patches', async () => {
    const apply = 'application/apply-patch+yaml'
    const applied = await api.send('PATCH', `${maps}/absent?force=false`, 'a: b', apply)
    assert.equal(applied.code, 415)
    assert.match(textOf(applied.body.message), /podfit has no server-side apply/)
    assert.equal(applied.body.details, undefined)
    const cut = 'unexpected end of JSON input'
    const texts = {
      strategic: cut,
      merge: `error decoding patch: ${cut}`,
      json: `error decoding patch: ${cut}`,
    }
    for (const type of ['strategic', 'merge', 'json'] as const) {
      const { code, body } = await api.patch(`${maps}/patched`, '{', type)
      assert.deepEqual([code, textOf(body.message)], [400, texts[type]])
    }
    assert.equal((await api.patch(`${maps}/patched`, '[]', 'merge')).code, 400)
    const nothing = await api.patch(`${maps}/patched`, 'null', 'merge')
    assert.deepEqual([nothing.code, nothing.body.message], [400, 'Invalid JSON Patch'])
    for (const type of ['strategic', 'json'] as const) {
      assert.equal((await api.patch(`${maps}/patched`, 'null', type)).code, 200, type)
    }
    const wrong = await api.patch(`${maps}/patched`, [{ op: 'test', path: '/x', value: 1 }], 'json')
    assert.equal(wrong.code, 422)
    assert.equal((await api.patch(`${maps}/absent`, {})).code, 404)
  })
})

describe('delete', () => {
  it('removes an object and says so', async () => {
    const { body: made } = await api.post(maps, configMap('gone'))
    const { code, body } = await api.delete(`${maps}/gone`)
    assert.equal(code, 200)
    assert.equal(body.status, 'Success')
    assert.deepEqual(body.details, {
      name: 'gone',
      kind: 'configmaps',
      uid: made.metadata?.uid,
    })
    assert.equal((await api.delete(`${maps}/gone`)).code, 404)
  })

  it('keeps an object with finalizers until they are gone', async () => {
    const metadata = { name: 'held', finalizers: ['example.com/hold'] }
    await api.post(maps, { metadata })
    const deleted = await api.delete(`${maps}/held`)
    assert.ok(deleted.body.metadata?.deletionTimestamp)
    const more = { metadata: { finalizers: ['example.com/hold', 'example.com/more'] } }
    const added = await api.patch(`${maps}/held`, more, 'merge')
    assert.equal(added.code, 422)
    assert.match(textOf(added.body.message), /no new finalizers can be added/)
    await api.patch(`${maps}/held`, { metadata: { finalizers: null } }, 'merge')
    assert.equal((await api.get(`${maps}/held`)).code, 404)
  })

  it('removes nothing for options that it cannot read', async () => {
    await api.post(maps, configMap('kept'))
    for (const options of [
      { gracePeriodSeconds: 'soon' },
      { preconditions: { uid: 5 } },
      { preconditions: 'none' },
      { dryRun: 'All' },
      { kind: 'Pod' },
    ]) {
      assert.equal((await api.delete(`${maps}/kept`, options)).code, 400, JSON.stringify(options))
    }
    assert.equal((await api.delete(`${maps}/kept`, { dryRun: ['Some'] })).code, 422)
    assert.equal((await api.get(`${maps}/kept`)).code, 200)
    const list = await api.send('DELETE', `${maps}/kept`, '[]')
    const unread = "couldn't get version/kind; json parse error: json: cannot unmarshal array into "
    assert.ok(list.code === 400 && textOf(list.body.message).startsWith(unread), list.text)
    const any = { apiVersion: 'meta.k8s.io/v1', kind: 'DeleteOptions', gracePeriodSeconds: 0 }
    assert.equal((await api.delete(`${maps}/kept`, any)).code, 200)
  })

  it('honours preconditions', async () => {
    const made = (await api.post(maps, configMap('guarded'))).body.metadata
    const { uid, resourceVersion } = made ?? {}
    const refused = 'Operation cannot be fulfilled on ConfigMap "guarded": the'
    for (const [preconditions, message] of [
      [
        { uid: 'other' },
        `${refused} UID in the precondition (other) does not match the UID in record (${textOf(uid)}). The object might have been deleted and then recreated`,
      ],
      [
        { uid, resourceVersion: '1' },
        `${refused} ResourceVersion in the precondition (1) does not match the ResourceVersion in record (${textOf(resourceVersion)}). The object might have been modified`,
      ],
    ] as const) {
      const { code, body } = await api.delete(`${maps}/guarded`, { preconditions })
      assert.equal(code, 409)
      assert.equal(body.message, message)
      assert.deepEqual(body.details, { name: 'guarded', kind: 'ConfigMap' })
    }
    const empty = { preconditions: { uid: '' } }
    assert.equal((await api.delete(`${maps}/guarded`, empty)).code, 409)
    assert.equal((await api.get(`${maps}/guarded`)).code, 200)
    const own = { preconditions: { uid, resourceVersion } }
    assert.equal((await api.delete(`${maps}/guarded`, own)).code, 200)
  })

  it('shows by a dry run what would become of the object, which stays', async () => {
    await api.post(podsPath, podBody('tried'))
    await api.bind(`${podsPath}/tried`)
    const before = await api.get(`${podsPath}/tried`)
    const { body } = await api.delete(`${podsPath}/tried?dryRun=All&gracePeriodSeconds=7`)
    assert.equal(body.metadata?.deletionGracePeriodSeconds, 7)
    assert.equal(body.metadata?.generation, 2)
    assert.equal(body.metadata?.resourceVersion, before.body.metadata?.resourceVersion)
    assert.equal((await api.get(`${podsPath}/tried`)).text, before.text)
    await api.post(maps, configMap('tried'))
    assert.equal((await api.delete(`${maps}/tried?dryRun=All`)).body.status, 'Success')
    assert.equal((await api.get(`${maps}/tried`)).code, 200)
  })

  it('waits as long as an int64 says, which every client can read', async () => {
    const pod = podBody('patient')
    const spec = { ...(pod['spec'] as object), terminationGracePeriodSeconds: 'LONGEST' }
    const text = JSON.stringify({ ...pod, spec }).replace('"LONGEST"', '9223372036854775807')
    const made = await api.post(podsPath, text)
    const [, printed = ''] = /"terminationGracePeriodSeconds":(\d+)/.exec(made.text) ?? []
    assert.ok(BigInt(printed) < 2n ** 63n, printed)
    await api.bind(`${podsPath}/patient`)
    const { code, body } = await api.delete(`${podsPath}/patient`)
    assert.deepEqual([code, body.metadata?.deletionTimestamp], [200, '9999-12-31T23:59:59Z'])
    const sooner = await api.delete(`${podsPath}/patient?gracePeriodSeconds=60`)
    const left = Date.parse(textOf(sooner.body.metadata?.deletionTimestamp)) - Date.now()
    assert.ok(left > 0 && left <= 60_000, `${left} ms`)
    await api.delete(`${podsPath}/patient?gracePeriodSeconds=0`)
  })

  it('gives a running pod its time, and counts that as a change', async () => {
    await api.post(podsPath, podBody('graceful'))
    assert.equal((await api.bind(`${podsPath}/graceful`)).code, 201)
    const { body } = await api.delete(`${podsPath}/graceful`)
    assert.equal(body.metadata?.deletionGracePeriodSeconds, 30)
    assert.equal(body.metadata?.generation, 2)
    const longer = await api.delete(`${podsPath}/graceful`, { gracePeriodSeconds: 60 })
    assert.equal(longer.body.metadata?.deletionGracePeriodSeconds, 30)
    const shorter = await api.delete(`${podsPath}/graceful?gracePeriodSeconds=5`)
    assert.equal(shorter.body.metadata?.deletionGracePeriodSeconds, 5)
    assert.equal(shorter.body.metadata?.generation, 2)
    assert.equal((await api.delete(`${podsPath}/graceful?gracePeriodSeconds=0`)).code, 200)
    assert.equal((await api.get(`${podsPath}/graceful`)).code, 404)
  })

  it('removes a pod that is on no node, or has ended, at once', async () => {
    await api.post(podsPath, podBody('unplaced'))
    const { body } = await api.delete(`${podsPath}/unplaced`)
    assert.equal(body.kind, 'Pod')
    assert.equal((await api.get(`${podsPath}/unplaced`)).code, 404)
    await api.post(podsPath, podBody('ended'))
    await api.bind(`${podsPath}/ended`)
    await api.patch(`${podsPath}/ended/status`, { status: { phase: 'Succeeded' } })
    await api.delete(`${podsPath}/ended`)
    assert.equal((await api.get(`${podsPath}/ended`)).code, 404)
  })

  it('removes a collection, as far as its selector goes', async () => {
    for (const name of ['one', 'two', 'three']) {
      const labels = { set: name === 'three' ? 'b' : 'a' }
      await api.post(maps, { metadata: { name: `set-${name}`, labels } })
    }
    const { code, body } = await api.delete(`${maps}?labelSelector=set%3Da`)
    assert.equal(code, 200)
    assert.equal(body.items?.length, 2)
    assert.equal((await api.get(`${maps}/set-one`)).code, 404)
    assert.equal((await api.get(`${maps}/set-three`)).code, 200)
  })
})

describe('the way in', () => {
  it('takes a slash at the end of a path, and lists what there is', async () => {
    const { body } = await api.get('/')
    for (const path of ['/api/v1', '/apis/coordination.k8s.io', '/version']) {
      assert.ok((body.paths as unknown as string[]).includes(path))
      assert.equal((await api.get(path)).text, (await api.get(`${path}/`)).text)
    }
  })

  it('takes the user for whom it is asked to take them', async () => {
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }
    const { body } = await api.ask('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {
      body: JSON.stringify(review),
      headers: { 'content-type': 'application/json', 'impersonate-user': 'jane' },
    })
    const { username, groups } = body.status?.userInfo ?? {}
    assert.deepEqual([username, groups], ['jane', ['system:authenticated']])
  })

  it('answers unknown paths and methods as Kubernetes does', async () => {
    for (const path of ['/other', '/api/v1/pods/x/log']) {
      const { code, body } = await api.get(path)
      assert.equal(code, 404, path)
      assert.equal(body.message, 'the server could not find the requested resource')
      assert.deepEqual(body.details, {})
    }
    assert.equal((await api.ask('POST', `${maps}/x`)).code, 405)
    assert.equal((await api.ask('DELETE', '/api/v1/configmaps')).code, 405)
    assert.equal((await api.ask('PUT', maps)).code, 405)
    assert.equal((await api.ask('HEAD', maps)).code, 405)
    assert.equal((await api.ask('HEAD', '/api/v1/watch/configmaps')).code, 405)
    for (const path of [
      '/version',
      '/api',
      '/api/v1',
      '/apis/scheduling.k8s.io/v1',
      '/openid/v1/jwks',
    ]) {
      assert.equal((await api.ask('HEAD', path)).code, 405, path)
      assert.equal((await api.ask('POST', path)).body.reason, 'MethodNotAllowed', path)
    }
    assert.equal((await api.ask('POST', '/apis/apps/v1')).code, 404)
    for (const path of ['/', '/livez', '/readyz/ping', '/metrics', '/openapi/v3']) {
      assert.equal((await api.ask('HEAD', path)).code, 200, path)
      assert.equal((await api.ask('POST', path)).code, 200, path)
    }
  })

  it('names the kind that it does not have', async () => {
    const paths = {
      '/api/v1/nothings': 'nothings',
      '/apis/apps/v1/deployments': 'deployments.apps',
      '/apis/apps/v1/namespaces/default/deployments/a/scale': 'deployments.apps',
      '/apis/storage.k8s.io/v1/storageclasses/a': 'storageclasses.storage.k8s.io',
    }
    for (const [path, kind] of Object.entries(paths)) {
      const { code, body } = await api.get(path)
      assert.deepEqual([code, body.reason, body.details], [404, 'NotFound', {}])
      assert.equal(
        body.message,
        `the server could not find the requested resource: podfit has no ${kind}; kubectl api-resources lists what it has`,
      )
    }
  })

  it('knows everybody but for /livez, /readyz and /version', async () => {
    const ask = async (path: string) => {
      const response = await api.api.fetch(new Request(`http://podfit${path}`))
      return { code: response.status, text: await response.text() }
    }
    for (const path of ['/livez', '/readyz', '/version']) assert.equal((await ask(path)).code, 200)
    for (const path of ['/api', '/openapi/v3', podsPath, '/nothing', '/healthz', '/livez/ping']) {
      const { code, text } = await ask(path)
      assert.equal(code, 401)
      assert.equal((JSON.parse(text) as { reason: string }).reason, 'Unauthorized')
    }
  })

  it('answers in the form that is asked for', async () => {
    await api.post(maps, configMap('shown', { a: 'b' }))
    const table = await api.get(`${maps}/shown`, 'application/json;as=Table;v=v1;g=meta.k8s.io')
    assert.equal(table.body.kind, 'Table')
    const partial = await api.get(
      `${maps}/shown`,
      'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
    )
    assert.equal(partial.body.kind, 'PartialObjectMetadata')
    assert.equal(partial.body.data, undefined)
    const yaml = await api.get(`${maps}/shown`, 'application/yaml')
    assert.match(yaml.text, /^kind: ConfigMap$/m)
    const rather = 'application/json;q=0.5, application/yaml'
    assert.equal((await api.get(`${maps}/shown`, rather)).text, yaml.text)
    const anything = await api.get(`${maps}/shown`, 'application/vnd.kubernetes.protobuf, */*')
    assert.equal(anything.body.kind, 'ConfigMap')
    for (const accept of ['image/png', 'constructor']) {
      const none = await api.get(`${maps}/shown`, accept)
      assert.deepEqual([none.code, none.body.reason], [406, 'NotAcceptable'])
    }
    for (const path of [`${maps}/absent`, '/nothing']) {
      const missing = await api.get(path, 'application/yaml')
      assert.equal(missing.headers.get('content-type'), 'application/yaml')
      assert.match(missing.text, /^kind: Status$/m)
    }
  })

  it('had nothing to be surprised of in all of this', () => {
    assert.deepEqual(api.errors, [])
  })
})
