import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { TestApi, admin, listOf, textOf } from '../../../test/apiserver/test-api.ts'

let api: TestApi

before(async () => {
  api = await TestApi.start()
})

after(() => api[Symbol.dispose]())

/** As kubectl 1.32 asks. */
const aggregated =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json'

interface Doc {
  readonly components: { readonly schemas: object }
}

describe('discovery', () => {
  it('tells all of it at once to those who can read that', async () => {
    const core = await api.get('/api', aggregated)
    assert.equal(
      core.headers.get('content-type'),
      'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
    )
    assert.equal(core.headers.get('vary'), 'Accept')
    assert.equal(core.body.kind, 'APIGroupDiscoveryList')
    assert.deepEqual(core.body.items?.[0]?.metadata, {})
    const resources = listOf(core.body.items?.[0]?.versions?.[0]?.resources)
    const pods = resources.find(({ resource }) => textOf(resource) === 'pods')
    const resize = listOf(pods?.subresources).find(
      ({ subresource }) => textOf(subresource) === 'resize',
    )
    assert.deepEqual(resize?.verbs, ['get', 'patch', 'update'])
    const groups = await api.get('/apis', aggregated)
    const names = listOf(groups.body.items).map(({ metadata }) => textOf(metadata?.name))
    assert.deepEqual(names, names.toSorted())
    assert.ok(names.includes('coordination.k8s.io'))
  })

  it('tells it piece by piece to the others', async () => {
    assert.deepEqual((await api.get('/api')).body.versions, ['v1'])
    const { body: groups } = await api.get('/apis')
    assert.equal(groups.kind, 'APIGroupList')
    const preferred = listOf(groups.groups).map(({ preferredVersion }) => {
      return textOf(preferredVersion?.groupVersion)
    })
    assert.ok(preferred.includes('coordination.k8s.io/v1'))
    const { body: core } = await api.get('/api/v1')
    assert.equal(core.groupVersion, 'v1')
    const names = new Set(listOf(core.resources).map(({ name }) => textOf(name)))
    for (const name of [
      'bindings',
      'pods',
      'pods/resize',
      'pods/status',
      'namespaces',
      'nodes/status',
    ]) {
      assert.ok(names.has(name), name)
    }
    assert.equal((await api.get('/apis/coordination.k8s.io')).body.kind, 'APIGroup')
    const leases = await api.get('/apis/coordination.k8s.io/v1')
    assert.equal(leases.body.resources?.[0]?.kind, 'Lease')
    assert.equal((await api.get('/apis/none')).code, 404)
    assert.equal((await api.get('/apis/coordination.k8s.io/v9')).code, 404)
  })

  it('names the bodies of subresources that take their own', async () => {
    const { text } = await api.get('/openapi/v3/api/v1')
    interface Post {
      readonly requestBody?: { readonly content: Record<string, { readonly schema: object }> }
      readonly responses: { readonly 200: { readonly content: Record<string, object> } }
    }
    const { paths } = JSON.parse(text) as { paths: Record<string, { post: Post }> }
    const bodies = {
      'pods/{name}/binding': 'io.k8s.api.core.v1.Binding',
      'pods/{name}/eviction': 'io.k8s.api.policy.v1.Eviction',
      'serviceaccounts/{name}/token': 'io.k8s.api.authentication.v1.TokenRequest',
    }
    for (const [path, name] of Object.entries(bodies)) {
      const post = paths[`/api/v1/namespaces/{namespace}/${path}`]?.post
      const schema = { $ref: `#/components/schemas/${name}` }
      assert.deepEqual(post?.requestBody?.content['*/*'], { schema })
      assert.deepEqual(post.responses[200].content['application/json'], { schema })
    }
    const exec = paths['/api/v1/namespaces/{namespace}/pods/{name}/exec']?.post
    assert.equal(exec?.requestBody, undefined)
    const answer = exec?.responses[200].content['application/json']
    assert.deepEqual(answer, { schema: { type: 'string' } })
    const defined = new Set(Object.keys((JSON.parse(text) as Doc).components.schemas))
    for (const [, name] of text.matchAll(/#\/components\/schemas\/([^"]+)/g)) {
      assert.ok(defined.has(name ?? ''), name)
    }
  })

  it('answers 304 to those who have it already', async () => {
    for (const path of [
      '/api',
      '/apis',
      '/api/v1',
      '/openapi/v2',
      '/openapi/v3',
      '/openapi/v3/api/v1',
    ]) {
      const { headers } = await api.get(path)
      const etag = headers.get('etag') ?? ''
      assert.match(etag, /^"[0-9A-F]{32}"$/)
      const request = new Request(`http://podfit${path}`, { headers: { 'if-none-match': etag } })
      const again = await api.api.fetch(request, { user: admin })
      assert.equal(again.status, 304)
      assert.equal(await again.text(), '')
    }
  })

  it('has schemas for every group and version it names', async () => {
    const { body } = await api.get('/openapi/v3')
    for (const [path, entry] of Object.entries(body.paths ?? {})) {
      const serverRelativeURL = textOf(entry.serverRelativeURL)
      assert.ok(serverRelativeURL.startsWith(`/openapi/v3/${path}?hash=`))
      const document = await api.get(serverRelativeURL)
      assert.equal(document.body.openapi, '3.0.0')
    }
    assert.equal((await api.get('/openapi/v3/apis/none/v1')).code, 404)
  })
})
