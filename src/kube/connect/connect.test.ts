import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import {
  createServer as createProxy,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createServer, type Server as HttpsServer } from 'node:https'
import { connect as dial, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { createTestPki } from '../../../test/support/test-pki.ts'
import { createKubeClient } from '../client/client.ts'
import { pods } from '../object/resource.ts'
import { connect, type ConnectOptions } from './connect.ts'

const pki = createTestPki()
const address = { namespace: 'a', name: 'web' }
const base64 = (text: string) => Buffer.from(text).toString('base64')
const pod = { metadata: { name: 'web', namespace: 'a' } }

async function listening(t: TestContext, server: Server | HttpsServer): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return (server.address() as AddressInfo).port
}

/** An HTTPS server that answers every request with a pod, unless `refuse` has a status for it. */
async function startServer(
  t: TestContext,
  refuse: (request: IncomingMessage) => number | Promise<number> = () => 200,
) {
  const seen: { user: string; headers: IncomingMessage['headers']; body: string }[] = []
  let connections = 0
  const tls = { ...pki.server, ca: pki.ca, requestCert: true, rejectUnauthorized: false }
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const subject = (request.socket as TLSSocket).getPeerCertificate().subject
    const body = (await Array.fromAsync(request)).join('')
    seen.push({ user: String(subject?.CN ?? ''), headers: request.headers, body })
    const code = await refuse(request)
    const status = { kind: 'Status', code, message: `no ${code}` }
    response.writeHead(code, { 'content-type': 'application/json' })
    response.end(JSON.stringify(code === 200 ? pod : status))
  }
  const server = createServer(tls, (request, response) => void answer(request, response))
  server.on('connection', () => connections++)
  const port = await listening(t, server)
  const url = `https://127.0.0.1:${port}`
  return { server, seen, url, connections: () => connections }
}

/** A client by a kubeconfig with this user and cluster, in a directory that goes with the test. */
async function clientFor(
  t: TestContext,
  { url, user = {}, cluster = {} }: { url: string; user?: object; cluster?: object },
  options: ConnectOptions = {},
) {
  const directory = mkdtempSync(join(tmpdir(), 'podfit-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'config')
  const server = { server: url, 'certificate-authority-data': base64(pki.ca), ...cluster }
  const config = {
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: server }],
    users: [{ name: 'u', user }],
  }
  writeFileSync(file, JSON.stringify(config))
  const connection = await connect({ file, env: {}, ...options })
  t.after(() => connection[Symbol.dispose]())
  return { client: createKubeClient(connection), directory, connection }
}

test('a client certificate, over one kept connection', async (t) => {
  const server = await startServer(t)
  const { cert, key } = pki.client('alice')
  const user = { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) }
  const { client } = await clientFor(t, { url: server.url, user })
  await client.get(pods, address)
  await client.patch(pods, address, { type: 'merge', body: { ä: '€' } })
  await client.get(pods, address)
  assert.deepEqual(
    server.seen.map((one) => one.user),
    ['alice', 'alice', 'alice'],
  )
  assert.equal(server.seen[1]?.body, '{"ä":"€"}')
  assert.equal(server.connections(), 1)
})

test('a token, a password, and acting as somebody else', async (t) => {
  const { url, seen } = await startServer(t)
  const token = await clientFor(t, { url, user: { token: 't1' } })
  await token.client.get(pods, address)
  const options = { as: 'bob', asGroups: ['dev', 'ops'] }
  const password = await clientFor(t, { url, user: { username: 'u', password: 'p' } }, options)
  await password.client.get(pods, address)
  assert.equal(seen[0]?.headers.authorization, 'Bearer t1')
  assert.equal(seen[1]?.headers.authorization, `Basic ${base64('u:p')}`)
  assert.equal(seen[1]?.headers['impersonate-user'], 'bob')
  assert.equal(seen[1]?.headers['impersonate-group'], 'dev, ops')
})

test('a token file is read again when the server refuses the old token', async (t) => {
  const { url, seen } = await startServer(t, (request) =>
    request.headers.authorization === 'Bearer new' ? 200 : 401,
  )
  const directory = mkdtempSync(join(tmpdir(), 'podfit-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const tokenFile = join(directory, 'token')
  writeFileSync(tokenFile, 'old\n')
  const { client } = await clientFor(t, { url, user: { tokenFile } })
  await assert.rejects(client.get(pods, address), {
    code: 401,
    message: 'The API server knows nobody by these credentials: no 401',
  })
  assert.equal(seen.length, 1, 'the same token is not sent twice')
  writeFileSync(tokenFile, 'new\n')
  await client.patch(pods, address, { type: 'merge', body: { a: 1 } })
  assert.deepEqual(
    seen.slice(1).map((one) => one.body),
    ['{"a":1}', '{"a":1}'],
  )
})

test('certificates that are renewed cut nobody off who is still being answered', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'podfit-'))
  t.after(() => rmSync(directory, { recursive: true }))
  for (const name of ['old', 'new']) {
    const { cert, key } = pki.client(name)
    const status = { clientCertificateData: cert, clientKeyData: key }
    writeFileSync(join(directory, name), JSON.stringify({ status }))
  }
  const script = `cd ${directory}; if [ -e asked ]; then cat new; else cat old; fi; touch asked`
  const exec = { command: 'sh', args: ['-c', script], interactiveMode: 'Never' }
  const [arrived, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  let refused = ''
  const { url, seen } = await startServer(t, async ({ method }) => {
    if (method !== 'PATCH') return seen.at(-1)?.user === refused ? 401 : 200
    arrived.resolve()
    await held.promise
    return 200
  })
  const { client } = await clientFor(t, { url, user: { exec } })
  await client.get(pods, address)
  const patched = client.patch(pods, address, { type: 'merge', body: { a: 1 } })
  await arrived.promise
  refused = 'old'
  await client.get(pods, address)
  held.resolve()
  await patched
  const sent = seen.map(({ user, body }) => `${user}${body}`)
  assert.deepEqual(sent, ['old', 'old{"a":1}', 'old', 'new'])
})

test('a program gives a token, and is asked again only when it expired or was refused', async (t) => {
  let good = 'token-1'
  const { url, seen } = await startServer(t, (request) =>
    request.headers.authorization === `Bearer ${good}` ? 200 : 401,
  )
  const script = `n=$(cat count 2>/dev/null || echo 0); n=$((n+1)); echo $n >count
    printf '%s' "$KUBERNETES_EXEC_INFO" >info
    printf '{"status":{"token":"token-%s","expirationTimestamp":"2100-01-01T00:00:00Z"}}' $n`
  const directory = mkdtempSync(join(tmpdir(), 'podfit-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const args = ['-c', `cd ${directory}; ${script}`]
  const exec = { command: 'sh', args, interactiveMode: 'Never', provideClusterInfo: true }
  const { client } = await clientFor(t, { url, user: { exec } })
  await Promise.all([client.get(pods, address), client.get(pods, address)])
  assert.equal(readFileSync(join(directory, 'count'), 'utf8').trim(), '1')
  good = 'token-2'
  await Promise.all([1, 2, 3].map(() => client.get(pods, address)))
  assert.equal(readFileSync(join(directory, 'count'), 'utf8').trim(), '2')
  assert.equal(seen.at(-1)?.headers.authorization, 'Bearer token-2')
  const info = JSON.parse(readFileSync(join(directory, 'info'), 'utf8'))
  assert.equal(info.kind, 'ExecCredential')
  assert.equal(info.spec.cluster.server, url)
})

test('a program gives a client certificate', async (t) => {
  const { url, seen } = await startServer(t)
  const { cert, key } = pki.client('carol')
  const status = { clientCertificateData: cert, clientKeyData: key }
  const exec = { command: 'printf', args: ['%s', JSON.stringify({ status })] }
  const { client } = await clientFor(t, { url, user: { exec } })
  await client.get(pods, address)
  assert.equal(seen[0]?.user, 'carol')
})

test('a program that is missing, fails or prints nonsense is named', async (t) => {
  const { url } = await startServer(t)
  const say = async (exec: object) => {
    const { client } = await clientFor(t, { url, user: { exec } })
    return client.get(pods, address)
  }
  const hint = 'Install it with apt'
  await assert.rejects(
    say({ command: 'no-such-login', installHint: hint }),
    /not installed. Install/,
  )
  await assert.rejects(
    say({ command: 'false' }),
    /credential program false of the kubeconfig ended with 1/,
  )
  await assert.rejects(say({ command: 'echo', args: ['hello'] }), /must be an ExecCredential/)
})

test('a certificate that the authority did not sign is not trusted, unless told to', async (t) => {
  const { url } = await startServer(t)
  const other = base64(createTestPki().ca)
  const cluster = { 'certificate-authority-data': other }
  const { client } = await clientFor(t, { url, cluster })
  await assert.rejects(client.get(pods, address), { reason: 'Certificate', retry: 'never' })
  const lax = await clientFor(t, { url, cluster: { ...cluster, 'insecure-skip-tls-verify': true } })
  assert.equal((await lax.client.get(pods, address)).metadata.name, 'web')
})

test('a server that is not there is one line', async (t) => {
  const { server, url } = await startServer(t)
  await new Promise((resolve) => server.close(resolve))
  const { client } = await clientFor(t, { url })
  await assert.rejects(client.get(pods, address), {
    reason: 'Unreachable',
    message: `Cannot reach the API server ${url}: nothing listens there. Is the API server running, and is the address right? (ECONNREFUSED)`,
  })
})

test('a kept connection that the server closed meanwhile does no harm', async (t) => {
  const { server, url, seen } = await startServer(t)
  const { client } = await clientFor(t, { url })
  for (let round = 0; round < 5; round++) {
    await client.get(pods, address)
    server.closeAllConnections()
  }
  assert.equal(seen.length, 5)
})

test('a watch comes as it is sent, and its signal ends it and its connection', async (t) => {
  const { server, client } = await watchServer(t)
  const controller = new AbortController()
  const names: string[] = []
  const ended = new Promise<void>((resolve) => server.once('watchClosed', resolve))
  for await (const event of client.watch(pods, { signal: controller.signal })) {
    names.push(event.object.metadata.name)
    if (names.length === 3) controller.abort()
  }
  assert.deepEqual(names, ['p0', 'p1', 'p2'])
  await ended
})

async function watchServer(t: TestContext) {
  const server = createServer(pki.server, (_, response) => {
    let count = 0
    const timer = setInterval(() => {
      const object = { metadata: { name: `p${count++}` } }
      response.write(`${JSON.stringify({ type: 'ADDED', object })}\n`)
    }, 5)
    response.once('close', () => {
      clearInterval(timer)
      server.emit('watchClosed')
    })
  })
  const url = `https://127.0.0.1:${await listening(t, server)}`
  const { client } = await clientFor(t, { url })
  return { server, client }
}

test('through the proxy of the kubeconfig', async (t) => {
  const { url, seen } = await startServer(t)
  const targets: string[] = []
  const proxy = createProxy()
  proxy.on('connect', (request, socket: Socket) => {
    targets.push(request.url ?? '')
    const [host, port] = (request.url ?? '').split(':')
    const onward = dial(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      onward.pipe(socket).pipe(onward)
    })
    onward.on('error', () => socket.destroy())
    socket.on('error', () => onward.destroy())
  })
  const port = await listening(t, proxy)
  const cluster = { 'proxy-url': `http://127.0.0.1:${port}` }
  const { client } = await clientFor(t, { url, cluster, user: { token: 't' } })
  await client.get(pods, address)
  assert.deepEqual(targets, [new URL(url).host])
  assert.equal(seen[0]?.headers.authorization, 'Bearer t')
})

test('no kubeconfig at all says where it looked', async () => {
  const nowhere = { env: { HOME: '/nonexistent' }, local: ['/nonexistent/podfit'] }
  await assert.rejects(connect(nowhere), {
    name: 'KubeconfigError',
    message:
      'Cannot find a cluster: there is no kubeconfig (looked at $KUBECONFIG, /nonexistent/podfit, ~/.kube/config), and this is not a pod. Start one with podfit up, or name a file with --kubeconfig',
  })
})
