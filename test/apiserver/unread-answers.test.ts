import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type TLSSocket } from 'node:tls'
import { describe, it } from 'node:test'
import { HttpsApi } from './https-api.ts'
import { admin } from './test-api.ts'

const maps = '/api/v1/namespaces/default/configmaps'
/** Far more than the kernel keeps for a connection, so that most of it waits in this process. */
const answerBytes = 30 * 900_000
const longMs = 3_600_000

async function fill(server: HttpsApi): Promise<void> {
  const data = { x: 'x'.repeat(900_000) }
  for (let i = 0; i < 30; i++) {
    const body = JSON.stringify({ metadata: { name: `large-${i}` }, data })
    const headers = { 'content-type': 'application/json' }
    const request = new Request(`http://podfit${maps}`, { method: 'POST', body, headers })
    assert.equal((await server.api.fetch(request, { user: admin })).status, 201)
  }
}

/** Asks for a large list; its answer is read once the socket is resumed. */
async function ask({ serving, pki }: HttpsApi): Promise<TLSSocket> {
  const { authority, admin: client } = pki
  const socket = connect({
    host: '127.0.0.1',
    port: serving.port,
    ca: authority.certificate,
    cert: client.certificate,
    key: client.privateKey,
  })
  await once(socket, 'secureConnect')
  socket.on('error', () => undefined)
  socket.write(`GET ${maps} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
  await once(socket, 'readable')
  return socket
}

async function readAll(socket: TLSSocket): Promise<number> {
  let bytes = 0
  socket.on('data', (chunk: Buffer) => (bytes += chunk.length))
  if (!socket.closed) await once(socket, 'close')
  return bytes
}

describe('a client that does not read its answer', () => {
  it('is cut off when too much waits, and those that came after it are not', async () => {
    await using server = await HttpsApi.start({ unread: { bytes: answerBytes * 1.5, ms: longMs } })
    await fill(server)
    const first = await ask(server)
    const second = await ask(server)
    assert.ok((await readAll(first)) < answerBytes)
    assert.ok((await readAll(second)) > answerBytes)
    // What was read or cut off is kept no longer.
    const third = await ask(server)
    assert.ok((await readAll(third)) > answerBytes)
  })

  it('is cut off after a time', async () => {
    await using server = await HttpsApi.start({ unread: { bytes: Infinity, ms: 1 } })
    await fill(server)
    assert.ok((await readAll(await ask(server))) < answerBytes)
  })
})
