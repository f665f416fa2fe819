import assert from 'node:assert/strict'
import { stat } from 'node:fs/promises'
import type { IncomingHttpHeaders } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { once } from 'node:events'
import { connect, type TLSSocket } from 'node:tls'
import { after, before, describe, it } from 'node:test'
import * as fc from 'fast-check'
import { KnownTokens } from '../../src/apiserver/auth/known-tokens.ts'
import type { NodeStreams } from '../../src/apiserver/node-streams.ts'
import { ListenError, serveApi } from '../../src/apiserver/serve.ts'
import { loadPki } from '../../src/apiserver/tls/pki.ts'
import { waitUntil } from '../support/wait-until.ts'
import { HttpsApi } from './https-api.ts'
import { admin, podBody, podsPath } from './test-api.ts'

/** A streaming server like a container runtime's: upgrades, then sends back what it gets. */
const runtime = createServer((socket) => {
  socket.once('data', (head) => {
    received.push(head.toString())
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: SPDY/3.1\r\nConnection: Upgrade\r\n\r\n',
    )
    socket.pipe(socket)
  })
})
const received: string[] = []
let server: HttpsApi

before(async () => {
  await new Promise<void>((resolve) => {
    runtime.listen(0, '127.0.0.1', () => resolve())
  })
  const { port } = runtime.address() as AddressInfo
  const url = () => Promise.resolve(new URL(`http://127.0.0.1:${port}/exec/token`))
  const streams: NodeStreams = {
    logs: () => Promise.resolve(new Blob(['line\n']).stream()),
    exec: url,
    attach: url,
    portForward: url,
  }
  const user = { name: 'ann', groups: ['system:authenticated'] }
  const knownTokens = new KnownTokens([{ token: 's3cret', user }])
  server = await HttpsApi.start({ streams, knownTokens })
  const post = (path: string, body: unknown) =>
    server.api.fetch(
      new Request(`http://podfit${path}`, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      }),
      { user: admin },
    )
  await post(podsPath, podBody('one'))
  await post(`${podsPath}/one/binding`, {
    metadata: { name: 'one' },
    target: { kind: 'Node', name: 'n1' },
  })
})

after(async () => {
  await server[Symbol.asyncDispose]()
  runtime.close()
})

function credentials() {
  const { authority, admin: client } = server.pki
  return { ca: authority.certificate, cert: client.certificate, key: client.privateKey }
}

interface Got {
  readonly code: number
  readonly text: string
  readonly headers: IncomingHttpHeaders
}

function get(path: string, options: object = {}): Promise<Got> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest(`${server.serving.url}${path}`, options, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => {
        resolve({ code: response.statusCode ?? 0, text, headers: response.headers })
      })
    })
    request.on('error', reject)
    request.end()
  })
}

interface RawOptions {
  /** Sent after the first answer. */
  readonly body?: string | Uint8Array
  /** Whether the client has a certificate. @default true */
  readonly known?: boolean
}

/** Sends a raw request and gathers what comes back until `until` is in it. */
function raw(head: string, until: string, options: RawOptions = {}): Promise<string> {
  const { body = '', known = true } = options
  const { ca, ...certificate } = credentials()
  return new Promise((resolve, reject) => {
    const { port } = server.serving
    const mine = known ? certificate : {}
    const socket = connect({ host: '127.0.0.1', port, ca, ...mine }, () => socket.write(head))
    let text = ''
    let sent = false
    socket.on('error', reject)
    socket.on('end', () => resolve(text))
    socket.on('data', (chunk) => {
      text += chunk.toString()
      if (!sent && text.includes('\r\n\r\n')) {
        sent = true
        socket.write(body)
      }
      if (text.includes(until)) {
        socket.destroy()
        resolve(text)
      }
    })
  })
}

function upgradeHead(path: string, host = 'x'): string {
  return `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer secret\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: v4.channel.k8s.io\r\n\r\n`
}

describe('HTTPS', () => {
  it('knows clients by their certificates', async () => {
    const ca = server.pki.authority.certificate
    assert.equal((await get('/version', { ca })).code, 200)
    const nobody = await get('/api', { ca })
    assert.equal(nobody.code, 401)
    assert.equal((JSON.parse(nobody.text) as { kind: string }).kind, 'Status')
    assert.equal((await get('/api', credentials())).code, 200)
  })

  it('names each request in its answer, as the client names it if it does', async () => {
    for (const path of ['/version', '/api', '/none']) {
      const { headers } = await get(path, credentials())
      assert.match(String(headers['audit-id']), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    }
    const named = await get('/api', { ...credentials(), headers: { 'Audit-ID': 'mine' } })
    assert.equal(named.headers['audit-id'], 'mine')
    const refused = await raw(upgradeHead(`${podsPath}/none/exec?command=sh`), '"code":404')
    assert.match(refused, /^Audit-Id: [0-9a-f-]{36}\r$/m)
  })

  it('lets nothing be kept but what says so itself', async () => {
    for (const [path, kept] of [
      ['/version', 'no-cache, private'],
      ['/metrics', 'no-cache, private'],
      ['/api/v1/pods', 'no-cache, private'],
      ['/none', 'no-cache, private'],
      ['/openid/v1/jwks', 'public, max-age=3600'],
      ['/openapi/v3', 'public'],
    ] as const) {
      const { headers } = await get(path, credentials())
      assert.equal(headers['cache-control'], kept, path)
    }
  })

  it('knows clients by a bearer token', async () => {
    const ca = server.pki.authority.certificate
    const as = (token: string) => get('/api', { ca, headers: { authorization: `Bearer ${token}` } })
    assert.equal((await as('s3cret')).code, 200)
    assert.equal((await as('other')).code, 401)
  })

  it('knows nobody by a certificate of another authority', async () => {
    const other = await loadPki(join(server.directory, 'other-pki'))
    const { ca } = credentials()
    const foreign = { ca, cert: other.admin.certificate, key: other.admin.privateKey }
    const code = await get('/api', foreign).then(
      (answer) => answer.code,
      () => 401,
    )
    assert.equal(code, 401)
  })

  it('takes two dots for a name, not for the object above', async () => {
    for (const name of ['..', '%2e%2e']) {
      const head = `DELETE ${podsPath}/${name} HTTP/1.1\r\nHost: x\r\n\r\n`
      const answer = await raw(head, '"code"')
      assert.match(answer, /^HTTP\/1.1 404 /)
      assert.ok(answer.includes('pods \\"..\\" not found'), answer)
    }
  })

  it('takes HTTP/1.0 without a host, as checks of load balancers send it', async () => {
    assert.match(await raw('GET /livez HTTP/1.0\r\n\r\n', 'ok'), /^HTTP\/1.1 200 OK/)
  })

  it('keeps private keys and the kubeconfig to their owner', async () => {
    for (const file of ['pki/ca.key', 'pki/server.key', 'pki/admin.key', 'kubeconfig', 'api.db']) {
      const { mode } = await stat(join(server.directory, file))
      assert.equal(mode & 0o777, 0o600, file)
    }
  })

  it('says clearly when the port is taken', async () => {
    const { port } = server.serving
    const { api, pki } = server
    await assert.rejects(
      serveApi({ api, pki, host: '127.0.0.1', port }),
      (error) =>
        error instanceof ListenError &&
        error.message ===
          `Cannot listen on 127.0.0.1:${port}: another process is using this port; stop it, or name another one with --listen`,
    )
  })

  it('gives the server another name when it needs one, and keeps the authority', async () => {
    const directory = join(server.directory, 'pki')
    const again = await loadPki(directory)
    assert.deepEqual(again, server.pki)
    const named = await loadPki(directory, ['node.example', '192.0.2.7'])
    assert.equal(named.authority.certificate, server.pki.authority.certificate)
    assert.notEqual(named.server.certificate, server.pki.server.certificate)
    assert.deepEqual(await loadPki(directory, ['node.example', '192.0.2.7']), named)
  })

  it('sends the first bytes of a quiet watch at once', async () => {
    const head = `GET ${podsPath}?watch=true&resourceVersion=0 HTTP/1.1\r\nHost: x\r\n\r\n`
    assert.match(await raw(head, 'ADDED'), /^HTTP\/1.1 200 OK/)
    const quiet = `GET /api/v1/secrets?watch=true HTTP/1.1\r\nHost: x\r\n\r\n`
    assert.match(await raw(quiet, '\r\n\r\n'), /^HTTP\/1.1 200 OK/)
  })
})

async function watchersOf(kind: string): Promise<number> {
  const answer = await server.api.fetch(new Request('http://podfit/metrics'), { user: admin })
  const line = new RegExp(
    String.raw`^apiserver_registered_watchers\{.*kind="${kind}".*\} (\d+)$`,
    'm',
  )
  return Number(line.exec(await answer.text())?.[1] ?? 0)
}

describe('a watcher that stops reading', () => {
  const maps = '/api/v1/namespaces/default/configmaps'

  async function stopped(query: string): Promise<TLSSocket> {
    const { port } = server.serving
    const socket = connect({ host: '127.0.0.1', port, ...credentials() })
    await once(socket, 'secureConnect')
    socket.write(`GET ${maps}?watch=true&${query} HTTP/1.1\r\nHost: x\r\n\r\n`)
    await once(socket, 'data')
    socket.pause()
    return socket
  }

  async function change(method: string, body: unknown): Promise<void> {
    const [path, type] =
      method === 'POST'
        ? [maps, 'application/json']
        : [`${maps}/large`, 'application/merge-patch+json']
    const init = { method, body: JSON.stringify(body), headers: { 'content-type': type } }
    const answer = await server.api.fetch(new Request(`http://podfit${path}`, init), {
      user: admin,
    })
    assert.ok(answer.ok, await answer.text())
  }

  async function changeOften(times: number): Promise<void> {
    for (let i = 0; i < times; i++) await change('PATCH', { metadata: { labels: { i: `${i}` } } })
  }

  it('costs nobody anything once its time is over', async () => {
    await change('POST', { metadata: { name: 'large' }, data: { x: 'x'.repeat(900_000) } })
    const socket = await stopped('resourceVersion=0&timeoutSeconds=3')
    assert.equal(await watchersOf('ConfigMap'), 1)
    await changeOften(10)
    await waitUntil('nobody watches', async () => (await watchersOf('ConfigMap')) === 0)
    socket.destroy()
  })

  it('is cut off when too much waits for it', async () => {
    const socket = await stopped('resourceVersion=0')
    socket.on('error', () => undefined)
    const closed = once(socket, 'close')
    await changeOften(50)
    assert.equal(await watchersOf('ConfigMap'), 0)
    socket.resume()
    await closed
  })
})

describe('a watch by a WebSocket', () => {
  const maps = '/api/v1/namespaces/default/configmaps'

  function webSocketHead(path: string, protocol = ''): string {
    const offer = protocol === '' ? '' : `Sec-WebSocket-Protocol: ${protocol}\r\n`
    return `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n${offer}\r\n`
  }

  it('sends each event as a message, and ends when its time is over', async () => {
    const path = `${maps}?watch=true&timeoutSeconds=1&fieldSelector=metadata.name%3Dkube-root-ca.crt`
    const text = await raw(webSocketHead(path, 'base64.binary.k8s.io'), '\u0002\u0003')
    assert.match(text, /^HTTP\/1.1 101 [^]*Sec-WebSocket-Protocol: base64.binary.k8s.io\r\n/)
    assert.match(text, /\r\n\r\n[^{]+\{"type":"ADDED","object":\{"kind":"ConfigMap".*\}\}[^}\n]+$/)
    await waitUntil('nobody watches', async () => (await watchersOf('ConfigMap')) === 0)
  })

  it('takes the token that a browser sends', async () => {
    const offered = (token: string) =>
      `base64url.bearer.authorization.k8s.io.${Buffer.from(token).toString('base64url')}, base64.binary.k8s.io`
    const ask = (token: string, until: string) =>
      raw(webSocketHead(`${maps}?watch=1`, offered(token)), until, { known: false })
    assert.match(await ask('s3cret', '"ADDED"'), /Sec-WebSocket-Protocol: base64.binary.k8s.io\r\n/)
    assert.match(await ask('wrong', '"code"'), /^HTTP\/1.1 401 /)
  })

  it('is over when the client goes', async () => {
    await raw(webSocketHead(`${maps}?watch=1`), '"ADDED"')
    await waitUntil('nobody watches', async () => (await watchersOf('ConfigMap')) === 0)
  })

  it('is refused with a Status', async () => {
    const answer = await raw(webSocketHead(`${maps}?watch=1&fieldSelector=a%3Db`), '"code"')
    assert.match(answer, /^HTTP\/1.1 400 Bad Request/)
    const nobody = await raw(webSocketHead(`${maps}?watch=1`), '"code"', { known: false })
    assert.match(nobody, /^HTTP\/1.1 401 /)
  })
})

describe('exec, attach and port-forward', () => {
  it('pass the connection on byte for byte', async () => {
    const bytes = String.raw`any ${'\x00\xff'} bytes`
    const text = await raw(upgradeHead(`${podsPath}/one/exec?command=ls`), 'bytes', { body: bytes })
    assert.match(text, /^HTTP\/1.1 101 Switching Protocols/)
    const head = received.at(-1) ?? ''
    assert.match(head, /^POST \/exec\/token HTTP\/1.1\r\nHost: 127.0.0.1:\d+\r\n/)
    assert.match(head, /X-Stream-Protocol-Version: v4.channel.k8s.io/)
    assert.doesNotMatch(head, /secret/)
  })

  it('tunnel the SPDY of a port-forward through a WebSocket', async () => {
    const protocol = 'SPDY/3.1+portforward.k8s.io'
    const head = `GET ${podsPath}/one/portforward HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: ${protocol}\r\n\r\n`
    // A binary message of five bytes, masked with zeros.
    const body = Buffer.from([0x82, 0x85, 0, 0, 0, 0, ...Buffer.from('hello')])
    const text = await raw(head, 'hello', { body })
    assert.match(text, /^HTTP\/1.1 101 /)
    assert.match(text, new RegExp(`Sec-WebSocket-Protocol: ${RegExp.escape(protocol)}\r\n`))
    assert.match(received.at(-1) ?? '', /x-stream-protocol-version: portforward.k8s.io/i)
  })

  it('take a command of any length', async () => {
    const long = `${podsPath}/one/exec?command=${'x'.repeat(100_000)}`
    assert.match(await raw(upgradeHead(long), '\r\n\r\n'), /^HTTP\/1.1 101 /)
    assert.equal((await get(`/api?a=${'x'.repeat(100_000)}`, credentials())).code, 200)
  })

  it('are refused with a Status', async () => {
    const missing = await raw(upgradeHead(`${podsPath}/nobody/exec?command=ls`), '"code"')
    assert.match(missing, /^HTTP\/1.1 404 Not Found/)
    assert.match(missing, /pods \\"nobody\\" not found/)
  })

  it('are refused without credentials, whatever else is wrong with the request', async () => {
    const path = `${podsPath}/one/exec?command=ls`
    const nobody = await raw(upgradeHead(path), '"code"', { known: false })
    assert.match(nobody, /^HTTP\/1.1 401 Unauthorized/)
    for (const host of ['[bad', 'a b', 'u:p@x', 'x:99999']) {
      const answer = await raw(upgradeHead(path, host), '"code"', { known: false })
      assert.match(answer, /^HTTP\/1.1 400 Bad Request/, host)
      assert.match(answer, /"kind":"Status"/, host)
    }
    const trace = upgradeHead(path).replace('POST', 'TRACE')
    assert.match(await raw(trace, '"code"'), /^HTTP\/1.1 400 Bad Request/)
  })

  it('do no harm, whatever comes', async () => {
    const path = fc.constantFrom(
      `${podsPath}/one/exec?command=ls`,
      `${podsPath}/one/portforward?ports=1`,
      'https://[/pods/a/attach',
    )
    const text = fc.string({ unit: fc.constantFrom(...` []:/@%?#.,\\\tabz019`.split('')) })
    const heads = fc.record({
      method: fc.constantFrom('GET', 'POST', 'PUT', 'TRACE', 'OPTIONS'),
      path,
      host: fc.oneof(text, fc.constant('x')),
      upgrade: fc.constantFrom('websocket', 'SPDY/3.1', 'h2c'),
      protocol: fc.oneof(text, fc.constantFrom('v5.channel.k8s.io', 'v4.channel.k8s.io')),
      key: fc.oneof(text, fc.constant('AAAAAAAAAAAAAAAAAAAAAA==')),
      known: fc.boolean(),
    })
    const property = fc.asyncProperty(heads, async (random) => {
      const { method, path, host, upgrade, protocol, key, known } = random
      const head = `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: ${upgrade}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Protocol: ${protocol}\r\n\r\n`
      assert.match(await raw(head, '\r\n\r\n', { known }), /^HTTP\/1.1 (101|4\d\d|50\d) /)
    })
    await fc.assert(property, { numRuns: 200 })
    assert.deepEqual(server.errors, [])
    assert.equal((await get('/version', { ca: credentials().ca })).code, 200)
  })

  it('leave other paths alone that ask for an upgrade', async () => {
    const head = 'GET /version HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n'
    assert.match(await raw(head, 'gitVersion'), /^HTTP\/1.1 200 OK/)
  })
})
