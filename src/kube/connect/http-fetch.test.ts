import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { createHttpFetch } from './http-fetch.ts'

async function fetchFrom(t: TestContext, listener: RequestListener) {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const http = createHttpFetch({})
  t.after(() => {
    http[Symbol.dispose]()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  const send = (method: string) => http.fetch(new Request(url, { method }), { body: undefined })
  return { send, end: () => http[Symbol.dispose]() }
}

test('what is cut off after its answer began is not sent again, also over a kept connection', async (t) => {
  const seen: string[] = []
  const { send } = await fetchFrom(t, (request, response) => {
    seen.push(request.method ?? '')
    if (request.method === 'GET') return response.end('{}')
    response.writeHead(200, { 'content-length': 100 })
    return response.write('{', () => request.socket.resetAndDestroy())
  })
  await (await send('GET')).text()
  const answer = await send('PATCH')
  await assert.rejects(answer.text())
  await (await send('GET')).text()
  assert.deepEqual(seen, ['GET', 'PATCH', 'GET'])
})

test('what is under way at the end is not sent again, as what a kept connection loses is', async (t) => {
  const seen: string[] = []
  const { send, end } = await fetchFrom(t, (request, response) => {
    seen.push(request.method ?? '')
    if (seen.length === 2) return end()
    return response.end('{}')
  })
  await (await send('GET')).text()
  await assert.rejects(send('PATCH'), { code: 'ECONNRESET' })
  assert.deepEqual(seen, ['GET', 'PATCH'])
})

test('an answer with a status that there is not is an error, and no more than that', async (t) => {
  const { send } = await fetchFrom(t, (_, response) => response.writeHead(999).end())
  await assert.rejects(send('GET'), RangeError)
})
