import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer as createHttp } from 'node:http'
import { createServer as createHttp2 } from 'node:http2'
import { createServer as createTcp, type AddressInfo, type Server } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { probeGrpc } from './grpc-probe.ts'
import { httpTarget, probeHttp } from './http-probe.ts'
import { portNumber } from './run-probe.ts'
import { probeTcp } from './tcp-probe.ts'

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

describe('probeHttp', () => {
  let port = 0
  const server = createHttp((request, response) => {
    const [, code = '200'] = request.url?.split('/') ?? []
    if (code === 'hang') return
    if (code === 'moved') response.writeHead(302, { location: '/204' }).end()
    else if (code === 'away') response.writeHead(302, { location: 'http://192.0.2.1/' }).end()
    else if (code === 'loop') response.writeHead(302, { location: '/loop' }).end()
    else
      response
        .writeHead(code === 'named' && request.headers['x-a'] !== 'b' ? 400 : Number(code) || 200)
        .end()
  })
  before(async () => {
    port = await listen(server)
  })
  after(() => {
    server.closeAllConnections()
    server.close()
  })
  const ask = (path: string, part = {}, timeoutMs = 20_000) =>
    probeHttp(httpTarget({ path, port: 0, ...part }, '127.0.0.1', port), timeoutMs)

  for (const path of ['200', '/204', '399', '/moved', '/away']) {
    test(`${path} is a success`, async () => {
      assert.deepEqual(await ask(path), { kind: 'success' })
    })
  }

  test('an error status is a failure', async () => {
    assert.deepEqual(await ask('/500'), {
      kind: 'failure',
      message: 'HTTP probe failed with statuscode: 500',
    })
  })

  test('headers are sent', async () => {
    assert.equal((await ask('/named')).kind, 'failure')
    const httpHeaders = [{ name: 'X-A', value: 'b' }]
    assert.equal((await ask('/named', { httpHeaders })).kind, 'success')
  })

  test('redirects end somewhere', async () => {
    const outcome = await ask('/loop')
    assert.match(outcome.kind === 'failure' ? outcome.message : '', /stopped after 10 redirects/)
  })

  test('no answer in time is an overrun', async () => {
    assert.equal((await ask('/hang', {}, 100)).kind, 'overrun')
  })
})

describe('probeTcp', () => {
  test('open and closed', async () => {
    const server = createTcp()
    const port = await listen(server)
    assert.deepEqual(await probeTcp('127.0.0.1', port, 20_000), { kind: 'success' })
    server.close()
    await once(server, 'close')
    assert.equal((await probeTcp('127.0.0.1', port, 20_000)).kind, 'failure')
  })
})

describe('probeGrpc', () => {
  const server = createHttp2()
  let port = 0
  let asked = ''
  server.on('stream', (stream) => {
    const parts: Buffer[] = []
    stream.on('data', (part: Buffer) => parts.push(part))
    stream.on('end', () => {
      const message = Buffer.concat(parts).subarray(5)
      asked = message.subarray((message[1] ?? 0) < 0x80 ? 2 : 3).toString()
      if (asked === 'hang') return
      stream.respond(
        { ':status': 200, 'content-type': 'application/grpc' },
        { waitForTrailers: true },
      )
      const missing = asked === 'missing'
      stream.on('wantTrailers', () =>
        stream.sendTrailers({
          'grpc-status': missing ? '5' : '0',
          'grpc-message': missing ? 'unknown service' : '',
        }),
      )
      stream.end(missing ? undefined : Buffer.from([0, 0, 0, 0, 2, 8, asked === 'sick' ? 2 : 1]))
    })
  })
  before(async () => {
    port = await listen(server)
  })
  after(() => server.close())
  const ask = (service: string, timeoutMs = 20_000) =>
    probeGrpc(`127.0.0.1:${port}`, service, timeoutMs)

  test('serving', async () => {
    assert.deepEqual(await ask('web'), { kind: 'success' })
    assert.equal(asked, 'web')
    assert.deepEqual(await ask(''), { kind: 'success' })
    const long = `${'web.'.repeat(50)}Health`
    assert.deepEqual(await ask(long), { kind: 'success' })
    assert.equal(asked, long)
  })

  test('not serving, unknown, silent, closed', async () => {
    assert.deepEqual(await ask('sick'), {
      kind: 'failure',
      message: 'service unhealthy (responded with "NOT_SERVING")',
    })
    assert.deepEqual(await ask('missing'), {
      kind: 'failure',
      message: 'error: grpc status 5: unknown service',
    })
    assert.equal((await ask('hang', 100)).kind, 'overrun')
    assert.equal((await probeGrpc('127.0.0.1:1', '', 1000)).kind, 'failure')
  })
})

test('portNumber', () => {
  assert.equal(portNumber(80), 80)
  assert.equal(portNumber('http', [{ name: 'http', containerPort: 8080 }]), 8080)
  assert.throws(() => portNumber('none', []), RangeError)
})
