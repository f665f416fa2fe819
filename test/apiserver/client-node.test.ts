import {
  ApisApi,
  CoreApi,
  CoreV1Api,
  KubeConfig,
  KubernetesObjectApi,
  makeInformer,
  OpenidApi,
  PatchStrategy,
  setHeaderOptions,
  type V1Pod,
  VersionApi,
} from '@kubernetes/client-node'
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { waitUntil } from '../support/wait-until.ts'
import { HttpsApi } from './https-api.ts'

let directory: string
let server: HttpsApi
let config: KubeConfig

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'podfit-client-'))
  server = await HttpsApi.start({ directory })
  config = new KubeConfig()
  config.loadFromFile(server.kubeconfig)
})

after(async () => {
  await server.stop()
  await rm(directory, { recursive: true, force: true })
})

function pod(name: string): V1Pod {
  const resources = { requests: { cpu: '100m' }, limits: { cpu: '200m' } }
  return {
    metadata: { name, labels: { app: 'x' } },
    spec: { containers: [{ name: 'main', image: 'busybox:1', resources }] },
  }
}

describe('@kubernetes/client-node', () => {
  it('creates, reads, lists and removes pods', async () => {
    const core = config.makeApiClient(CoreV1Api)
    const made = await core.createNamespacedPod({ namespace: 'default', body: pod('a') })
    assert.ok(made.metadata?.creationTimestamp instanceof Date)
    const read = await core.readNamespacedPod({ namespace: 'default', name: 'a' })
    assert.equal(read.spec?.containers[0]?.resources?.requests?.['cpu'], '100m')
    const list = await core.listNamespacedPod({ namespace: 'default', labelSelector: 'app=x' })
    assert.equal(list.items.length, 1)
    await core.deleteNamespacedPod({ namespace: 'default', name: 'a' })
    await assert.rejects(core.readNamespacedPod({ namespace: 'default', name: 'a' }), /404/)
  })

  it('resizes a pod', async () => {
    const core = config.makeApiClient(CoreV1Api)
    await core.createNamespacedPod({ namespace: 'default', body: pod('sized') })
    const target = { namespace: 'default', name: 'sized' }
    const containers = [{ name: 'main', resources: { requests: { cpu: '150m' } } }]
    const resized = await core.patchNamespacedPodResize(
      { ...target, body: { spec: { containers } } },
      setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch),
    )
    assert.equal(resized.metadata?.generation, 2)
    const read = await core.readNamespacedPodResize(target)
    assert.equal(read.spec?.containers[0]?.resources?.requests?.['cpu'], '150m')
    const size = read.spec?.containers[0]?.resources
    if (size?.requests !== undefined) size.requests['cpu'] = '160m'
    const replaced = await core.replaceNamespacedPodResize({ ...target, body: read })
    assert.equal(replaced.metadata?.generation, 3)
  })

  it('asks for what is served with a slash at the end', async () => {
    assert.equal((await config.makeApiClient(VersionApi).getCode()).minor, '36')
    assert.deepEqual((await config.makeApiClient(CoreApi).getAPIVersions()).versions, ['v1'])
    const { groups } = await config.makeApiClient(ApisApi).getAPIVersions()
    assert.ok(groups.some(({ name }) => name === 'coordination.k8s.io'))
    const { resources } = await config.makeApiClient(CoreV1Api).getAPIResources()
    assert.ok(resources.some(({ name }) => name === 'pods/resize'))
    const keys = await config.makeApiClient(OpenidApi).getServiceAccountIssuerOpenIDKeyset()
    assert.match(JSON.stringify(keys), /"kid"/)
  })

  it('finds kinds by discovery', async () => {
    const objects = KubernetesObjectApi.makeApiClient(config)
    const made = await objects.create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'found', namespace: 'default' },
    })
    assert.equal(made.kind, 'ConfigMap')
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' }
    await objects.create({ ...lease, metadata: { name: 'l', namespace: 'default' } })
    const read = await objects.read({ ...lease, metadata: { name: 'l', namespace: 'default' } })
    assert.equal(read.metadata?.name, 'l')
  })

  it('follows pods with an informer, also over a restart of the server', async () => {
    const core = config.makeApiClient(CoreV1Api)
    const listFn = () => core.listNamespacedPod({ namespace: 'default' })
    const informer = makeInformer(config, '/api/v1/namespaces/default/pods', listFn)
    const seen: string[] = []
    for (const verb of ['add', 'update', 'delete'] as const) {
      informer.on(verb, ({ metadata }) => seen.push(`${verb} ${metadata?.name}`))
    }
    let stopped = false
    informer.on('error', () => {
      setTimeout(() => {
        if (!stopped) void informer.start()
      }, 50).unref()
    })
    await informer.start()
    try {
      await core.createNamespacedPod({ namespace: 'default', body: pod('one') })
      await waitUntil('add one', () => seen.includes('add one'))
      await core.deleteNamespacedPod({ namespace: 'default', name: 'one' })
      await waitUntil('delete one', () => seen.includes('delete one'))

      const { port } = server.serving
      await server.stop()
      server = await HttpsApi.start({ directory, port })
      await core.createNamespacedPod({ namespace: 'default', body: pod('two') })
      await waitUntil('add two', () => seen.includes('add two'))
    } finally {
      stopped = true
      await informer.stop()
    }
  })
})
