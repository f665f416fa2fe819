import {
  Attach,
  AuthenticationV1Api,
  AuthorizationV1Api,
  CoreV1Api,
  Exec,
  KubeConfig,
  type KubernetesObject,
  KubernetesObjectApi,
  Log,
  makeInformer,
  Metrics,
  PatchStrategy,
  PortForward,
  setHeaderOptions,
  topNodes,
  topPods,
  V1MicroTime,
  type V1Pod,
  type V1Status,
} from '@kubernetes/client-node'
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { startPodfit, type PodfitProcess } from '../support/podfit-process.ts'
import { slowness, waitUntil } from '../support/wait-until.ts'
import { webPod } from './web-pod.ts'

const skip = slowness > 1
const namespace = 'default'

let podfit: PodfitProcess
let config: KubeConfig
let core: CoreV1Api

function podBody(name: string): V1Pod {
  return webPod(name) as unknown as V1Pod
}

/** A stream that remembers what was written to it. */
function recorder(): { readonly stream: PassThrough; readonly text: () => string } {
  const stream = new PassThrough()
  let text = ''
  stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
  return { stream, text: () => text }
}

/** One object of every kind that can be made, with what makes it one. */
const objects: readonly (KubernetesObject & Record<string, unknown>)[] = [
  { apiVersion: 'v1', kind: 'ConfigMap', data: { a: 'b' }, binaryData: { c: 'AAEC' } },
  { apiVersion: 'v1', kind: 'Secret', type: 'Opaque', data: { a: 'Yg==' } },
  { apiVersion: 'v1', kind: 'ServiceAccount', automountServiceAccountToken: false },
  {
    apiVersion: 'v1',
    kind: 'Service',
    spec: { ports: [{ port: 80, targetPort: 'http' }], selector: { a: 'b' } },
  },
  { apiVersion: 'v1', kind: 'ResourceQuota', spec: { hard: { pods: '50' } } },
  {
    apiVersion: 'v1',
    kind: 'LimitRange',
    spec: { limits: [{ type: 'Container', max: { cpu: '100' } }] },
  },
  {
    apiVersion: 'v1',
    kind: 'Event',
    involvedObject: { kind: 'Pod', name: 'nobody', namespace },
    reason: 'Told',
    message: 'a word',
    type: 'Normal',
    source: { component: 'test' },
    count: 1,
  },
  {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    eventTime: new V1MicroTime('2026-01-02T03:04:05Z'),
    regarding: { kind: 'Pod', name: 'nobody', namespace },
    reason: 'Told',
    note: 'a word',
    type: 'Normal',
    action: 'Telling',
    reportingController: 'example.org/test',
    reportingInstance: 'test',
  },
  // For a scheduler that nobody is: a node would write its status between two requests.
  { apiVersion: 'v1', kind: 'Pod', spec: { ...webPod('x').spec, schedulerName: 'nobody' } },
  { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', spec: { holderIdentity: 'me' } },
  { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', value: 7, description: 'seven' },
  { apiVersion: 'v1', kind: 'Namespace' },
  { apiVersion: 'v1', kind: 'Node', spec: { unschedulable: true } },
]

const clusterWide = new Set(['PriorityClass', 'Namespace', 'Node'])

describe('@kubernetes/client-node', { skip }, () => {
  before(async () => {
    podfit = await startPodfit()
    config = new KubeConfig()
    config.loadFromFile(podfit.kubeconfig)
    core = config.makeApiClient(CoreV1Api)
    await core.createNamespacedPod({ namespace, body: podBody('web') })
    await waitUntil('web to be ready', async () => {
      const { status } = await core.readNamespacedPod({ namespace, name: 'web' })
      return status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')
    })
  })
  after(async () => {
    if (!skip) await podfit[Symbol.asyncDispose]()
  })

  it('makes, reads, replaces, patches, lists and removes every kind', async () => {
    const api = KubernetesObjectApi.makeApiClient(config)
    for (const { apiVersion, kind, ...fields } of objects) {
      const metadata = clusterWide.has(kind ?? '')
        ? { name: 'round' }
        : { name: 'round', namespace }
      const named = { apiVersion, kind, metadata } as KubernetesObject & {
        metadata: { name: string }
      }
      await api.create({ ...named, ...fields })
      const read = await api.read(named)
      assert.equal(read.metadata?.name, 'round', kind)
      const labels = { seen: 'yes' }
      if (read.metadata !== undefined) read.metadata.labels = labels
      const replaced = await api.replace(read)
      assert.equal(replaced.metadata?.labels?.['seen'], 'yes', kind)
      const annotations = { note: 'hello' }
      const patched = await api.patch({ ...named, metadata: { ...metadata, annotations } })
      assert.deepEqual(patched.metadata?.annotations?.['note'], 'hello', kind)
      const list = await api.list(
        apiVersion ?? '',
        kind ?? '',
        undefined,
        undefined,
        undefined,
        undefined,
        undefined,
        'seen=yes',
      )
      assert.equal(list.items.length, 1, kind)
      await api.delete(named, undefined, undefined, 0)
      const look = () =>
        api.read(named).then(
          () => false,
          () => true,
        )
      await waitUntil(`the ${kind} to go`, look)
    }
  })

  it('asks who it is, whose a token is, and what who may', async () => {
    const authentication = config.makeApiClient(AuthenticationV1Api)
    const self = await authentication.createSelfSubjectReview({ body: {} })
    assert.equal(self.status?.userInfo?.username, 'podfit-admin')
    const { status } = await core.createNamespacedServiceAccountToken({
      namespace,
      name: 'default',
      body: { spec: { audiences: [] } },
    })
    const review = { spec: { token: status?.token ?? '' } }
    const known = await authentication.createTokenReview({ body: review })
    assert.equal(known.status?.user?.username, 'system:serviceaccount:default:default')
    const stranger = await authentication.createTokenReview({ body: { spec: { token: 'x' } } })
    assert.notEqual(stranger.status?.authenticated, true)
    const authorization = config.makeApiClient(AuthorizationV1Api)
    const resourceAttributes = { verb: 'patch', resource: 'pods', subresource: 'resize', namespace }
    const mine = await authorization.createSelfSubjectAccessReview({
      body: { spec: { resourceAttributes } },
    })
    assert.equal(mine.status?.allowed, true)
    const nobody = await authorization.createSubjectAccessReview({
      body: { spec: { resourceAttributes, user: 'system:anonymous' } },
    })
    assert.equal(nobody.status?.allowed, false)
    await assert.rejects(
      authorization.createSubjectAccessReview({ body: { spec: {} } }),
      /spec.user/,
    )
  })

  it('runs a command, with input, both outputs and the exit code', async () => {
    const [out, err, stdin] = [recorder(), recorder(), new PassThrough()]
    const ended = Promise.withResolvers<V1Status>()
    const command = ['sh', '-c', 'read word; echo got $word; echo err >&2; exit 5']
    const exec = new Exec(config)
    const tell = (status: V1Status) => ended.resolve(status)
    await exec.exec(namespace, 'web', 'main', command, out.stream, err.stream, stdin, false, tell)
    stdin.write('input\n')
    const status = await ended.promise
    assert.equal(out.text(), 'got input\n')
    assert.equal(err.text(), 'err\n')
    assert.equal(status.reason, 'NonZeroExitCode')
    assert.equal(status.details?.causes?.[0]?.message, '5')
  })

  it('hears the output of a command to its end when its input ended long before', async () => {
    const [out, stdin] = [recorder(), new PassThrough()]
    const ended = Promise.withResolvers<V1Status>()
    const command = ['sh', '-c', 'cat; sleep 0.5; echo after']
    const tell = (status: V1Status) => ended.resolve(status)
    const exec = new Exec(config)
    const socket = await exec.exec(
      namespace,
      'web',
      'main',
      command,
      out.stream,
      null,
      stdin,
      false,
      tell,
    )
    assert.equal(socket.protocol, 'v5.channel.k8s.io')
    stdin.end(`${'all of it '.repeat(20_000)}\n`)
    assert.equal((await ended.promise).status, 'Success')
    assert.equal(out.text(), `${'all of it '.repeat(20_000)}\nafter\n`)
  })

  it('attaches', async () => {
    const { stream, text } = recorder()
    const attach = new Attach(config)
    const socket = await attach.attach(namespace, 'web', 'main', stream, null, null, false)
    await waitUntil('lines', () => /line \d+\nline/.test(text()))
    socket.close()
  })

  it('follows a log to its end', async () => {
    const command = ['sh', '-c', 'echo one; sleep 0.5; echo two']
    const spec = {
      restartPolicy: 'Never',
      containers: [{ name: 'main', image: 'busybox', command }],
    }
    const name = 'brief'
    await core.createNamespacedPod({ namespace, body: { metadata: { name }, spec } })
    const { stream, text } = recorder()
    const log = new Log(config)
    const follow = () => log.log(namespace, name, 'main', stream, { follow: true })
    // Before the pod has a node its log is empty, and ends.
    await waitUntil(
      'the container to have started',
      () => core.readNamespacedPod({ namespace, name }),
      ({ status }) => {
        const { running, terminated } = status?.containerStatuses?.[0]?.state ?? {}
        return running !== undefined || terminated !== undefined
      },
    )
    await follow()
    await once(stream, 'end')
    assert.equal(text(), 'one\ntwo\n')
  })

  it('forwards a port', async () => {
    const [answer, errors, request] = [recorder(), recorder(), new PassThrough()]
    const forward = new PortForward(config)
    const ports = [8080]
    const socket = await forward.portForward(
      namespace,
      'web',
      ports,
      answer.stream,
      errors.stream,
      request,
    )
    request.write('GET / HTTP/1.0\r\n\r\n')
    await waitUntil('the page', () => answer.text().endsWith('hello from web\n'))
    assert.equal(errors.text(), '')
    assert.ok(typeof socket !== 'function')
    socket.close()
  })

  it('resizes in place', async () => {
    const target = { namespace, name: 'web' }
    const resources = { requests: { cpu: '150m' } }
    const resized = await core.patchNamespacedPodResize(
      { ...target, body: { spec: { containers: [{ name: 'main', resources }] } } },
      setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch),
    )
    assert.equal(resized.metadata?.generation, 2)
    const pod = await waitUntil(
      'the new size',
      () => core.readNamespacedPod(target),
      ({ status }) => status?.containerStatuses?.[0]?.resources?.requests?.['cpu'] === '150m',
    )
    assert.equal(pod.status?.containerStatuses?.[0]?.restartCount, 0)
  })

  it('reads what pods and nodes use', async () => {
    const metrics = new Metrics(config)
    const items = () => metrics.getPodMetrics(namespace).then((list) => list.items)
    const [pod] = await waitUntil('usage', items, (list) => list.length > 0)
    assert.equal(pod?.containers[0]?.name, 'main')
    assert.equal((await metrics.getNodeMetrics()).items.length, 1)
    const tops = await topPods(core, metrics, namespace)
    const web = tops.find((top) => top.Pod.metadata?.name === 'web')
    assert.equal(Number(web?.CPU.LimitTotal), 0.2)
    assert.equal((await topNodes(core)).length, 1)
  })

  it('follows pods over restarts of the server', async () => {
    const seen: string[] = []
    const list = () => core.listNamespacedPod({ namespace })
    const informer = makeInformer(config, `/api/v1/namespaces/${namespace}/pods`, list)
    let stopped = false
    for (const verb of ['add', 'delete'] as const) {
      informer.on(verb, ({ metadata }) => seen.push(`${verb} ${metadata?.name}`))
    }
    informer.on('error', () => void sleep(50).then(() => (stopped ? undefined : informer.start())))
    await informer.start()
    try {
      for (const [round, end] of [() => podfit.stop(), () => podfit.kill9()].entries()) {
        const { server } = podfit
        await end()
        await podfit.start([`--listen=${new URL(server).host}`])
        const name = `after-${round}`
        await core.createNamespacedPod({ namespace, body: podBody(name) })
        await waitUntil(`${name} to be told of`, () => seen.includes(`add ${name}`))
        await core.deleteNamespacedPod({ namespace, name, gracePeriodSeconds: 0 })
        await waitUntil(`${name} to be gone`, () => seen.includes(`delete ${name}`))
      }
      assert.equal(seen.filter((one) => one === 'add web').length, 1)
      assert.ok(!seen.includes('delete web'))
    } finally {
      stopped = true
      await informer.stop()
    }
  })
})
