import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:https'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect as dial, createServer as createTcpServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { createKubeClient } from '../../src/kube/client/client.ts'
import { connect } from '../../src/kube/connect/connect.ts'
import { pods } from '../../src/kube/object/resource.ts'
import { createTestPki } from '../support/test-pki.ts'

const pki = createTestPki()
const base64 = (text: string) => Buffer.from(text).toString('base64')

/** What is left to `@kubernetes/client-node`: a server, and a client by a kubeconfig with this user and cluster. */
async function setUp(t: TestContext, user: object, cluster: object = {}) {
  const headers: IncomingMessage['headers'][] = []
  const server = createServer(pki.server, (request, response) => {
    headers.push(request.headers)
    response.end('{"metadata":{"name":"web"}}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const directory = mkdtempSync(join(tmpdir(), 'podfit-'))
  const file = join(directory, 'config')
  const target = {
    server: `https://127.0.0.1:${port}`,
    'certificate-authority-data': base64(pki.ca),
    ...cluster,
  }
  const config = {
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: target }],
    users: [{ name: 'u', user }],
  }
  writeFileSync(file, JSON.stringify(config))
  const connection = await connect({ file, as: 'bob' })
  t.after(() => {
    connection[Symbol.dispose]()
    server.close()
    rmSync(directory, { recursive: true })
  })
  return { client: createKubeClient(connection), headers, port }
}

test('the old OIDC plugin gives its token while it is good', async (t) => {
  const claims = base64(JSON.stringify({ exp: Math.floor(Date.now() / 1000) + 3600 }))
  const idToken = `${base64('{"alg":"none"}')}.${claims}.x`
  const user = { 'auth-provider': { name: 'oidc', config: { 'id-token': idToken } } }
  const { client, headers } = await setUp(t, user)
  await client.get(pods, { namespace: 'a', name: 'web' })
  assert.equal(headers[0]?.authorization, `Bearer ${idToken}`)
  assert.equal(headers[0]?.['impersonate-user'], 'bob')
})

test('through a SOCKS proxy', async (t) => {
  const asked: number[] = []
  // SOCKS 5 without login, CONNECT to an IPv4 address: RFC 1928.
  const proxy = createTcpServer((socket) => {
    socket.once('data', () => {
      socket.write(Buffer.of(5, 0))
      socket.once('data', (request) => {
        const port = request.readUInt16BE(8)
        asked.push(port)
        const onward = dial(port, '127.0.0.1', () => {
          socket.write(Buffer.of(5, 0, 0, 1, 127, 0, 0, 1, 0, 0))
          onward.pipe(socket).pipe(onward)
        })
        onward.on('error', () => socket.destroy())
        socket.on('error', () => onward.destroy())
      })
    })
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  t.after(() => proxy.close())
  const url = `socks5://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  // socks-proxy-agent checks the certificate of a server that is an IP address against "localhost".
  const cluster = { 'proxy-url': url, 'insecure-skip-tls-verify': true }
  const { client, headers, port } = await setUp(t, { token: 't' }, cluster)
  await client.get(pods, { namespace: 'a', name: 'web' })
  assert.deepEqual(asked, [port])
  assert.equal(headers[0]?.authorization, 'Bearer t')
})
