import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFakeServer, statusResponse } from '../../../test/support/fake-kube-server.ts'
import { pods } from '../object/resource.ts'
import { createKubeClient } from './client.ts'
import { KubeError } from './kube-error.ts'

const server = 'http://api.test'
const address = { namespace: 'a', name: 'web' }
const pod = { metadata: { name: 'web', namespace: 'a' }, spec: { containers: [] } }

/** A client whose requests all get `response`, and what it sent. */
function clientOf(response: () => Response) {
  const sent: Request[] = []
  const fetch = async (request: Request) => {
    sent.push(request)
    return response()
  }
  return { client: createKubeClient({ fetch, server }), sent }
}

test('writes carry method, path, query, content type and body', async () => {
  const { client, sent } = clientOf(() => Response.json(pod))
  await client.create(pods, pod, { fieldManager: 'podfit', dryRun: true })
  await client.update(pods, { ...address, subresource: 'status' }, pod)
  const resize = { ...address, subresource: 'resize' }
  await client.patch(pods, resize, { type: 'strategic', body: { spec: {} } })
  await client.patch(pods, address, { type: 'apply', body: pod }, { force: true })
  await client.delete(pods, address, { gracePeriodSeconds: 0, uid: 'u' })
  const path = `${server}/api/v1/namespaces/a/pods`
  const seen = await Promise.all(
    sent.map(async (one) => [
      one.method,
      one.url,
      one.headers.get('content-type'),
      JSON.parse((await one.text()) || 'null'),
    ]),
  )
  const typed = { apiVersion: 'v1', kind: 'Pod', ...pod }
  const json = 'application/json'
  const deletion = { gracePeriodSeconds: 0, preconditions: { uid: 'u' } }
  assert.deepEqual(seen, [
    ['POST', `${path}?dryRun=All&fieldManager=podfit`, json, typed],
    ['PUT', `${path}/web/status`, json, typed],
    ['PATCH', `${path}/web/resize`, 'application/strategic-merge-patch+json', { spec: {} }],
    ['PATCH', `${path}/web?force=true`, 'application/apply-patch+yaml', pod],
    ['DELETE', `${path}/web`, json, { kind: 'DeleteOptions', apiVersion: 'v1', ...deletion }],
  ])
})

test('a refusal keeps the words of the server', async () => {
  const causes = [{ reason: 'FieldValueInvalid', field: 'spec.x', message: 'bad' }]
  const details = { name: 'web', kind: 'Pod', causes }
  const status = { kind: 'Status', code: 422, reason: 'Invalid', message: 'Pod "web" is invalid' }
  const { client } = clientOf(() => Response.json({ ...status, details }, { status: 422 }))
  await assert.rejects(client.get(pods, address), (error) => {
    assert.ok(error instanceof KubeError)
    assert.equal(error.code, 422)
    assert.equal(error.reason, 'Invalid')
    assert.equal(error.message, 'Pod "web" is invalid')
    assert.deepEqual(error.details, details)
    assert.equal(error.retry, 'never')
    return true
  })
})

test('when a refused request may be tried again', () => {
  const retry = (code: number, reason: string) => new KubeError('', { code, reason }).retry
  assert.equal(retry(0, 'Unreachable'), 'soon')
  assert.equal(retry(0, 'Certificate'), 'never')
  assert.equal(retry(401, 'Unauthorized'), 'later')
  assert.equal(retry(403, 'Forbidden'), 'later')
  assert.equal(retry(404, 'NotFound'), 'never')
  assert.equal(retry(409, 'Conflict'), 'soon')
  assert.equal(retry(409, 'AlreadyExists'), 'never')
  assert.equal(retry(429, 'TooManyRequests'), 'soon')
  assert.equal(retry(503, 'ServiceUnavailable'), 'soon')
})

test("a proxy's plain text becomes an error too", async () => {
  const { client } = clientOf(() => new Response('Bad gateway\n', { status: 502 }))
  const message = 'The API server answers 502: Bad gateway'
  await assert.rejects(client.get(pods, address), { code: 502, message })
})

test('an answer that is cut, or nothing of Kubernetes, says whose it was', async () => {
  for (const text of ['{"kind":"Pod","metadata"', 'welcome', '42', 'null']) {
    const { client } = clientOf(() => new Response(text))
    await assert.rejects(client.get(pods, address), {
      reason: 'Unreachable',
      message: `Cannot read the answer of ${server}: it is no JSON object. Is it an API server, and does something stand in between?`,
    })
  }
})

test('a web page is told by its title, or as what has no place there', async () => {
  const page = '<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>'
  const headers = { 'content-type': 'text/html; charset=utf-8' }
  const failed = clientOf(() => new Response(page, { status: 502, headers })).client
  await assert.rejects(failed.get(pods, address), {
    code: 502,
    message: 'A proxy before the API server, or no API server, answered 502: 502 Bad Gateway',
  })
  const login = clientOf(() => new Response(page, { headers })).client
  await assert.rejects(login.get(pods, address), {
    reason: 'Unreachable',
    message: `Cannot find a Kubernetes API at ${server}: a web page is there. Is the address right, and does a proxy or a login stand before it?`,
  })
})

test('a busy server gets the request again when it says when', async () => {
  const fake = createFakeServer()
  fake.put(pod)
  const busy = { status: 429, headers: { 'retry-after': '0' } }
  fake.next.push(new Response('busy', busy), new Response('busy', busy))
  const client = createKubeClient({ fetch: fake.fetch, server })
  assert.equal((await client.get(pods, address)).metadata.name, 'web')
  assert.equal(fake.requests.length, 3)
})

test('a server that cannot be reached is one line with a likely cause', async () => {
  const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
  const fetch = () => Promise.reject(new TypeError('fetch failed', { cause: refused }))
  const client = createKubeClient({ fetch, server })
  await assert.rejects(client.list(pods), {
    code: 0,
    reason: 'Unreachable',
    retry: 'soon',
    message: `Cannot reach the API server ${server}: nothing listens there. Is the API server running, and is the address right? (ECONNREFUSED)`,
  })
})

test('an aborted call throws the reason of its signal', async () => {
  const reason = new Error('enough')
  const { client } = clientOf(() => Response.json(pod))
  const fake = createFakeServer()
  const strict = createKubeClient({ fetch: fake.fetch, server })
  await assert.rejects(strict.get(pods, address, { signal: AbortSignal.abort(reason) }), reason)
  assert.equal((await client.get(pods, address)).metadata.name, 'web')
})

test('warnings of the server are passed on', async () => {
  const warnings: string[] = []
  const utf8 = Buffer.from('299 - "unknown field \\"中\\"", 299 - "second"').toString('latin1')
  const headers = { warning: utf8 }
  const fetch = async () => Response.json(pod, { headers })
  const client = createKubeClient({ fetch, server, onWarning: (text) => warnings.push(text) })
  await client.get(pods, address)
  assert.deepEqual(warnings, ['unknown field "中"', 'second'])
})

test('a watch gives events, throws ERROR events, and ends with its signal', async () => {
  const fake = createFakeServer()
  const client = createKubeClient({ fetch: fake.fetch, server })
  const controller = new AbortController()
  const watch = client.watch(pods, { namespace: 'a', signal: controller.signal })
  const first = watch.next()
  await new Promise(setImmediate)
  fake.put(pod)
  assert.equal((await first).value?.type, 'ADDED')
  const second = watch.next()
  controller.abort()
  assert.deepEqual(await second, { done: true, value: undefined })
  assert.equal(fake.openWatches, 0)

  const broken = client.watch(pods).next()
  await new Promise(setImmediate)
  fake.sendRaw('{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}\n')
  await assert.rejects(broken, { code: 410, reason: 'Expired' })
})

test('a watch that the server refuses throws', async () => {
  const { client } = clientOf(() => statusResponse(403, 'Forbidden', 'pods is forbidden'))
  await assert.rejects(client.watch(pods).next(), { code: 403, message: 'pods is forbidden' })
})

test('logs come as they are', async () => {
  const { client, sent } = clientOf(() => new Response('line 1\nline 2\n'))
  const body = await client.logs(address, { container: 'app', tailLines: 2 })
  assert.equal(await new Response(body).text(), 'line 1\nline 2\n')
  const path = '/api/v1/namespaces/a/pods/web/log?container=app&tailLines=2'
  assert.equal(sent[0]?.url, server + path)
})
