import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { execIn } from './exec.ts'

const place = { namespace: 'default', name: 'web', container: 'app' }

/** A server that answers an upgrade with `answer`, or not at all. */
async function targetAnswering(t: TestContext, answer: string | undefined) {
  const server = createServer().on('upgrade', (_request, socket) => {
    if (answer !== undefined) socket.end(answer)
    t.after(() => socket.destroy())
  })
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

test('execIn() ends when it is told to, also while nobody answers', async (t) => {
  const target = await targetAnswering(t, undefined)
  const stop = new AbortController()
  const running = execIn(target, place, ['true'], stop.signal)
  stop.abort(new Error('enough'))
  await assert.rejects(running, { message: 'enough' })
})
