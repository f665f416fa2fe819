import { Code, ConnectError, type ServiceImpl } from '@connectrpc/connect'
import { connectNodeAdapter } from '@connectrpc/connect-node'
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http2'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { isCriError } from './connection/cri-error.ts'
import { createCriRuntime, type CriRuntimeOptions } from './create-cri-runtime.ts'
import type { ContainerEvent } from './event/container-event.ts'
import { Events } from './generated/containerd/services/events/v1/events_pb.ts'
import { ContainerEventType, RuntimeService } from './generated/runtime/v1/service_pb.ts'

/**
 * A runtime in this process that knows only `calls`: no containerd is without its own events,
 * and Debian has no CRI-O, which is.
 */
async function serve(
  context: TestContext,
  calls: Partial<ServiceImpl<typeof RuntimeService>>,
  options: Omit<CriRuntimeOptions, 'endpoint'> = {},
  events?: ServiceImpl<typeof Events>,
) {
  const dir = mkdtempSync(join(tmpdir(), 'podfit-cri-'))
  const path = join(dir, 'runtime.sock')
  const adapter = connectNodeAdapter({
    routes: (router) => {
      router.service(RuntimeService, calls)
      if (events !== undefined) router.service(Events, events)
    },
  })
  const server = createServer(adapter)
  await new Promise<void>((resolve) => {
    server.listen(path, resolve)
  })
  const cri = createCriRuntime({ ...options, endpoint: `unix://${path}` })
  context.after(() => {
    cri.close()
    server.close()
    rmSync(dir, { recursive: true })
  })
  return cri
}

test('a runtime without events of its own is watched by CRI', async (context) => {
  const cri = await serve(context, {
    version: () => ({ runtimeName: 'cri-o' }),
    async *getContainerEvents() {
      const containerId = 'c1'
      const createdAt = 2_000_000n
      const types = ContainerEventType
      yield { containerId, createdAt, containerEventType: types.CONTAINER_STARTED_EVENT }
      yield { containerId, createdAt, containerEventType: types.CONTAINER_STOPPED_EVENT }
    },
  })
  const seen: ContainerEvent[] = []
  await assert.rejects(
    async () => {
      for await (const event of cri.watchContainerEvents()) seen.push(event)
    },
    (error) => isCriError(error, 'unavailable'),
  )
  assert.deepEqual(seen, [
    { kind: 'subscribed', source: 'cri' },
    { kind: 'started', containerId: 'c1', at: 2 },
    { kind: 'exited', containerId: 'c1', at: 2 },
  ])
})

test('a runtime with no events at all is unimplemented', async (context) => {
  const cri = await serve(context, {})
  await assert.rejects(
    async () => {
      for await (const event of cri.watchContainerEvents()) assert.equal(event.kind, 'subscribed')
    },
    (error) => isCriError(error, 'unimplemented'),
  )
})

test('a mark that containerd does not take at first is sent again: without it no watch would begin', async (context) => {
  const marked = Promise.withResolvers<{ readonly topic: string }>()
  let failures = 1
  const cri = await serve(context, {}, undefined, {
    publish({ topic }) {
      failures -= 1
      if (failures >= 0) throw new ConnectError('busy', Code.ResourceExhausted)
      marked.resolve({ topic })
      return {}
    },
    async *subscribe() {
      yield await marked.promise
    },
  })
  for await (const event of cri.watchContainerEvents()) {
    assert.deepEqual(event, { kind: 'subscribed', source: 'containerd' })
    break
  }
})

test("the runtime's own text and kind of failure are kept", async (context) => {
  const kinds = [
    [Code.NotFound, 'notFound', 'never'],
    [Code.AlreadyExists, 'alreadyExists', 'never'],
    [Code.InvalidArgument, 'invalid', 'never'],
    [Code.FailedPrecondition, 'invalid', 'later'],
    [Code.Unavailable, 'unavailable', 'soon'],
    [Code.Internal, 'unknown', 'later'],
  ] as const
  let next = 0
  const cri = await serve(context, {
    updateContainerResources: () => {
      throw new ConnectError('the text of the runtime', kinds[next++]?.[0])
    },
  })
  for (const [, code, retry] of kinds) {
    await assert.rejects(cri.updateContainerResources('c1', {}), {
      name: 'CriError',
      call: 'UpdateContainerResources',
      message: 'the text of the runtime',
      code,
      retry,
      sent: true,
    })
  }
})

test('a call that the runtime cannot have heard of says so', async (context) => {
  const cri = createCriRuntime({ endpoint: '/no/such/runtime.sock' })
  context.after(() => cri.close())
  await assert.rejects(cri.stopContainer('c1', 0), { code: 'unavailable', sent: false })
})

test('a call that takes too long ends at its deadline', async (context) => {
  const cri = await serve(context, {
    version: (_, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error))
      }),
  })
  const begin = performance.now()
  await assert.rejects(
    cri.version({ timeoutMs: 50 }),
    (error) => isCriError(error, 'deadlineExceeded') && error.retry === 'soon',
  )
  assert.ok(performance.now() - begin < 20_000)
})

test('a runtime has so long for a call as it is given, and whose call is overdue is told', async (context) => {
  const overdue: string[] = []
  const hang = (_: unknown, { signal }: { readonly signal: AbortSignal }) =>
    new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error))
    })
  const cri = await serve(
    context,
    { version: hang, startContainer: hang, stopPodSandbox: hang },
    { requestTimeoutMs: 50, onOverdue: (id) => overdue.push(id) },
  )
  const calls = [cri.version(), cri.startContainer('c1'), cri.stopPodSandbox('s1')]
  const late = /^CriError: no answer from the container runtime within 50 ms$/
  await Promise.all(calls.map((call) => assert.rejects(call, late)))
  assert.deepEqual(overdue.toSorted(), ['c1', 's1'])
})

test('a grace that is longer than a timer can be is no deadline that is over at once', async (context) => {
  const cri = await serve(context, {
    stopContainer: async () => {
      await setTimeout(50)
      return {}
    },
  })
  await cri.stopContainer('c1', 30 * 24 * 3600)
})

test('where the cgroup driver is not told it is undefined', async (context) => {
  assert.equal(await (await serve(context, {})).cgroupDriver(), undefined)
})
