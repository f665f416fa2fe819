import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { containerdPaths } from '../../src/containerd/containerd-paths.ts'
import type { Container, Pod } from '../../src/domain/pod.ts'
import { createKubectl, type Kubectl } from '../support/kubectl.ts'
import { type PodfitProcess, startPodfit } from '../support/podfit-process.ts'
import { waitUntil } from '../support/wait-until.ts'
import { eventsOf, getPod, idle, podWith, runningPod } from './pods.ts'

const server = 'mkdir -p /www; echo ok > /www/index.html; exec httpd -f -p 8080 -h /www'

/** containerd answers on its socket as a gRPC health service does; this lets pods at it. */
async function serveHealth(socket: string, port = 0): Promise<Server> {
  const server = createServer((client) => {
    const service = connect(socket)
    client.pipe(service).pipe(client)
    for (const one of [client, service]) one.on('error', () => client.destroy())
  })
  await once(server.listen(port), 'listening')
  return server
}

function ready({ status }: Pod): boolean {
  return status?.containerStatuses?.[0]?.ready === true
}

function restarts({ status }: Pod): number {
  return status?.containerStatuses?.[0]?.restartCount ?? 0
}

describe('probes', () => {
  let podfit: PodfitProcess
  let kubectl: Kubectl

  before(async () => {
    podfit = await startPodfit()
    kubectl = createKubectl(podfit.kubeconfig)
  })
  after(() => podfit[Symbol.asyncDispose]())

  const sh = (pod: string, script: string): Promise<string> =>
    kubectl.run(['exec', pod, '--', 'sh', '-c', script])
  const events = (name: string) => eventsOf(kubectl, name)
  const seen = (name: string, what: string, holds: (pod: Pod) => boolean): Promise<Pod> =>
    waitUntil(`pod ${name} ${what}`, () => getPod(kubectl, name), holds, {
      withinMs: 30_000,
      everyMs: 100,
    })

  test('readiness over HTTP follows what the server answers', async () => {
    await kubectl.apply(
      podWith('web', {
        ...idle,
        command: ['sh', '-c', server],
        ports: [{ name: 'http', containerPort: 8080 }],
        readinessProbe: { httpGet: { port: 'http', path: '/index.html' }, periodSeconds: 1 },
      }),
    )
    await runningPod(kubectl, 'web')
    await sh('web', 'mv /www/index.html /www/away.html')
    await seen('web', 'to be unready', (pod) => !ready(pod))
    await waitUntil(
      'the failure to be told',
      () => events('web'),
      (all) =>
        all.some(
          ({ reason, message }) =>
            reason === 'Unhealthy' &&
            message === 'Readiness probe failed: HTTP probe failed with statuscode: 404',
        ),
    )
    await sh('web', 'mv /www/away.html /www/index.html')
    const pod = await runningPod(kubectl, 'web')
    assert.equal(restarts(pod), 0)
  })

  test('readiness by gRPC, of a real server: of all of it, or of one of its services', async (t) => {
    const socket = containerdPaths(podfit.dataDir).socket
    let health = await serveHealth(socket)
    t.after(() => health.close())
    const { port } = health.address() as AddressInfo
    const asked = (service?: string): Partial<Container> => ({
      readinessProbe: { grpc: { port, ...(service && { service }) }, periodSeconds: 1 },
    })
    const pod = podWith('grpc', { ...idle, ...asked() }, { ...idle, name: 'no', ...asked('no') })
    await kubectl.apply({ ...pod, spec: { ...pod.spec, hostNetwork: true } })
    const both = await seen('grpc', 'to be served', ready)
    assert.deepEqual(
      both.status?.containerStatuses?.map(({ name, ready }) => [name, ready]),
      [
        ['main', true],
        ['no', false],
      ],
    )
    const told = (text: RegExp): Promise<unknown> =>
      waitUntil(
        `the failure to be told: ${text}`,
        () => events('grpc'),
        (all) => all.some(({ reason, message }) => reason === 'Unhealthy' && text.test(message)),
      )
    await told(/^Readiness probe failed: error: grpc status 5: unknown service$/)
    health.close()
    await seen('grpc', 'to be unready', (one) => !ready(one))
    await told(/^Readiness probe failed: failed to connect service ".*:\d+": .*ECONNREFUSED/)
    health = await serveHealth(socket, port)
    await seen('grpc', 'to be served again', ready)
  })

  test('a failing liveness probe restarts the container', async () => {
    await kubectl.apply(
      podWith('live', {
        ...idle,
        livenessProbe: {
          exec: { command: ['test', '!', '-e', '/tmp/sick'] },
          periodSeconds: 1,
          timeoutSeconds: 20,
          failureThreshold: 2,
        },
      }),
    )
    await runningPod(kubectl, 'live')
    await sh('live', 'touch /tmp/sick')
    await seen('live', 'to restart', (pod) => restarts(pod) === 1 && ready(pod))
    assert.equal(await sh('live', 'ls /tmp'), '')
    const why = 'Container main failed liveness probe, will be restarted'
    await waitUntil(
      'it to be told',
      () => events('live'),
      (all) => all.some(({ message }) => message === why),
    )
  })

  test('nothing else is asked before the startup probe succeeds', async () => {
    await kubectl.apply(
      podWith('slow', {
        ...idle,
        command: ['sh', '-c', `until [ -e /tmp/go ]; do sleep 0.1; done; touch /tmp/up; ${server}`],
        startupProbe: {
          exec: { command: ['test', '-e', '/tmp/up'] },
          periodSeconds: 1,
          timeoutSeconds: 20,
          failureThreshold: 600,
        },
        livenessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1, failureThreshold: 3 },
      }),
    )
    const early = await seen('slow', 'to run', ({ status }) => status?.phase === 'Running')
    assert.equal(early.status?.containerStatuses?.[0]?.started, false)
    assert.equal(ready(early), false)
    await waitUntil(
      'the startup probe to fail as often as the liveness probe may',
      () => events('slow'),
      (all) => all.some(({ message, count = 1 }) => message.startsWith('Startup') && count > 3),
    )
    await sh('slow', 'touch /tmp/go')
    const late = await runningPod(kubectl, 'slow')
    assert.equal(late.status?.containerStatuses?.[0]?.started, true)
    assert.equal(restarts(late), 0)
  })

  test('a command that takes too long is ended, and told as an overrun', async () => {
    await kubectl.apply(
      podWith('late', {
        ...idle,
        readinessProbe: { exec: { command: ['sleep', '600'] }, periodSeconds: 1 },
      }),
    )
    await waitUntil(
      'the overrun to be told',
      () => events('late'),
      (all) => all.some(({ message }) => message.includes('took longer than 1s')),
    )
    await waitUntil(
      'the commands to be ended',
      () => sh('late', 'ps | grep -c "sleep [6]00"; true'),
      (count) => Number(count) <= 1,
    )
    assert.equal(ready(await getPod(kubectl, 'late')), false)
  })

  test('a resize in place neither stops the probes nor changes what they say', async () => {
    await kubectl.apply(
      podWith('stays', {
        ...idle,
        resources: { requests: { cpu: '100m' }, limits: { cpu: '200m' } },
        readinessProbe: {
          exec: { command: ['sh', '-c', 'date +%s >> /tmp/asked'] },
          periodSeconds: 1,
          timeoutSeconds: 20,
        },
      }),
    )
    const before = await runningPod(kubectl, 'stays')
    const asked = async (): Promise<number> => Number(await sh('stays', 'wc -l < /tmp/asked'))
    for (const cpu of ['300m', '250m', '400m']) {
      const count = await asked()
      const patch = { spec: { containers: [{ name: 'main', resources: { limits: { cpu } } }] } }
      await kubectl.run([
        'patch',
        'pod',
        'stays',
        '--subresource=resize',
        `--patch=${JSON.stringify(patch)}`,
      ])
      await waitUntil('another probe', asked, (now) => now > count)
    }
    const after = await getPod(kubectl, 'stays')
    assert.ok(ready(after))
    const transition = ({ status }: Pod) =>
      status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime
    assert.equal(transition(after), transition(before))
    assert.equal(restarts(after), 0)
  })

  test('readiness and restarts live through a restart of podfit', async () => {
    const before = await getPod(kubectl, 'stays')
    await podfit.kill9()
    await podfit.start()
    kubectl = createKubectl(podfit.kubeconfig)
    const count = Number(await sh('stays', 'wc -l < /tmp/asked'))
    await waitUntil(
      'another probe',
      async () => Number(await sh('stays', 'wc -l < /tmp/asked')) > count,
    )
    const after = await getPod(kubectl, 'stays')
    assert.deepEqual(
      after.status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime,
      before.status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime,
    )
    assert.ok(ready(after))
  })
})
