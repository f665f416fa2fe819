import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { execIn } from './exec.ts'

const place = { namespace: 'default', name: 'web', container: 'app' }

/** What the server says that takes the upgrade of a WebSocket. */
function upgraded({ headers }: IncomingMessage): string {
  const key = `${headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`
  const accept = createHash('sha1').update(key).digest('base64')
  const [protocol] = (headers['sec-websocket-protocol'] ?? '').split(',')
  return [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${accept}`,
    `Sec-WebSocket-Protocol: ${protocol}`,
    '\r\n',
  ].join('\r\n')
}

/** A server that answers an upgrade with `answer`, or not at all. */
async function targetAnswering(t: TestContext, answer: string | undefined) {
  const server = createServer().on('upgrade', (_request, socket) => {
    if (answer !== undefined) socket.end(answer)
    t.after(() => socket.destroy())
  })
  return targetAt(t, server)
}

async function targetAt(t: TestContext, server: Server) {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  const cluster = { server: `http://127.0.0.1:${port}` }
  return { context: 'test', namespace: 'default', cluster, user: {} }
}

test('execIn() tells the permission that is missing', async (t) => {
  const target = await targetAnswering(t, 'HTTP/1.1 403 Forbidden\r\n\r\n')
  const { signal } = new AbortController()
  await assert.rejects(execIn(target, place, ['true'], signal), {
    message: 'the API server does not permit it (403): it takes the verb create on pods/exec',
  })
})

test('execIn() ends when it is told to, also where nobody takes leave', async (t) => {
  const stop = new AbortController()
  const server = createServer().on('upgrade', (request, socket) => {
    // A ping: whoever answers it has opened its side.
    socket.write(Buffer.from(`${upgraded(request)}\x89\x00`, 'latin1'))
    socket.once('data', () => stop.abort(new Error('enough')))
    t.after(() => socket.destroy())
  })
  const target = await targetAt(t, server)
  const began = performance.now()
  await assert.rejects(execIn(target, place, ['true'], stop.signal), { message: 'enough' })
  assert.ok(performance.now() - began < 25_000)
})

test('execIn() leaves no socket behind that opens when it has ended', async (t) => {
  const stop = new AbortController()
  const left = Promise.withResolvers<void>()
  const server = createServer().on('upgrade', (request, socket) => {
    stop.abort(new Error('enough'))
    setImmediate(() => socket.write(upgraded(request)))
    socket.once('end', () => left.resolve()).resume()
    t.after(() => socket.destroy())
  })
  const target = await targetAt(t, server)
  const began = performance.now()
  await assert.rejects(execIn(target, place, ['true'], stop.signal), { message: 'enough' })
  await left.promise
  assert.ok(performance.now() - began < 25_000)
})

test('execIn() ends when it is told to, also while nobody answers', async (t) => {
  const target = await targetAnswering(t, undefined)
  const stop = new AbortController()
  const running = execIn(target, place, ['true'], stop.signal)
  stop.abort(new Error('enough'))
  await assert.rejects(running, { message: 'enough' })
})
