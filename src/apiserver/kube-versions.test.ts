import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import {
  type Body,
  TestApi,
  listOf,
  podBody,
  podsPath,
  textOf,
} from '../../test/apiserver/test-api.ts'
import { atLeast, kubeVersions, type KubeVersion } from '../domain/kube-version.ts'

const bigger = {
  spec: { containers: [{ name: 'main', resources: { requests: { cpu: '150m' } } }] },
}

const allocated = {
  status: {
    containerStatuses: [
      {
        name: 'main',
        image: 'busybox:1',
        imageID: '',
        ready: true,
        restartCount: 0,
        allocatedResources: { cpu: '100m', memory: '64Mi' },
      },
    ],
  },
}

async function started(kubeVersion: KubeVersion): Promise<TestApi> {
  const api = await TestApi.start({ kubeVersion })
  const status = { allocatable: { cpu: '2', memory: '4Gi', pods: '110' } }
  await api.post('/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } })
  await api.patch('/api/v1/nodes/n1/status', { status })
  await api.post(podsPath, podBody('one'))
  await api.bind(`${podsPath}/one`)
  return api
}

async function hasResize(api: TestApi): Promise<boolean> {
  const { body } = await api.get('/api/v1')
  return listOf(body.resources).some(({ name }) => textOf(name) === 'pods/resize')
}

for (const version of kubeVersions) {
  const apart = atLeast(version, '1.32')
  const counts = atLeast(version, '1.33')

  describe(`Kubernetes ${version} (3.1 to 3.8)`, () => {
    it('says so', async () => {
      using api = await started(version)
      const { body } = await api.get('/version')
      assert.equal(body.gitVersion, `v${version}.0+podfit`)
      assert.equal(body.minor, version.split('.')[1])
      assert.equal(await hasResize(api), apart)
    })

    it('completes new pods as it did', async () => {
      using api = await started(version)
      const { body } = await api.get(`${podsPath}/one`)
      const [container] = listOf(body.spec?.containers)
      const entry = (resourceName: string) => ({ resourceName, restartPolicy: 'NotRequired' })
      assert.deepEqual(
        container?.resizePolicy,
        counts ? undefined : [entry('cpu'), entry('memory')],
      )
      assert.equal(body.metadata?.generation, counts ? 1 : undefined)
    })

    it(apart ? 'resizes by the subresource only' : 'resizes by a patch of the pod', async () => {
      using api = await started(version)
      const [works, refused] = apart
        ? [`${podsPath}/one/resize`, `${podsPath}/one`]
        : [`${podsPath}/one`, `${podsPath}/one/resize`]
      assert.equal((await api.patch(refused, bigger)).code, apart ? 422 : 404)
      await api.patch(`${podsPath}/one/status`, allocated)
      const { code, body } = await api.patch(works, bigger)
      assert.equal(code, 200)
      const [container] = listOf(body.spec?.containers)
      assert.equal(container?.resources?.requests?.cpu, '150m')
      assert.equal(body.status?.resize, counts ? undefined : 'Proposed')
      assert.equal(body.metadata?.generation, counts ? 2 : undefined)
    })

    it('has the fields that it had, and no others', async () => {
      using api = await started(version)
      const made = async (name: string, changes: object) => {
        const body = podBody(name)
        const spec = { ...(body['spec'] as object), ...changes }
        return api.post(`${podsPath}?fieldValidation=Strict`, { ...body, spec })
      }
      const sized = await made('sized', { resources: { requests: { cpu: '1' } } })
      const init = { name: 'init', image: 'i:1', restartPolicy: 'Always' }
      const sidecar = await made('sidecar', { initContainers: [init] })
      const has = { podLevel: atLeast(version, '1.32'), sidecars: atLeast(version, '1.29') }
      assert.equal(sized.code, has.podLevel ? 201 : 400, sized.text)
      assert.match(
        sized.text,
        has.podLevel ? /"resources":{/ : /unknown field \\"spec.resources\\"/,
      )
      // 1.28 had the field, but not the feature.
      assert.equal(sidecar.code, version === '1.27' ? 400 : 201, sidecar.text)
      const [kept] = listOf(sidecar.body.spec?.initContainers)
      assert.equal(kept?.restartPolicy, has.sidecars ? 'Always' : undefined)
      const { body } = await api.get('/openapi/v3/api/v1')
      const { schemas } = body.components as Body
      const fieldsOf = (type: string) =>
        Object.keys(schemas?.[`io.k8s.api.core.v1.${type}`]?.properties ?? {})
      assert.equal(fieldsOf('PodSpec').includes('resources'), has.podLevel)
      assert.equal(fieldsOf('Container').includes('restartPolicy'), version !== '1.27')
      assert.equal(fieldsOf('PodStatus').includes('observedGeneration'), counts)
      assert.equal(fieldsOf('PodStatus').includes('allocatedResources'), atLeast(version, '1.35'))
    })

    it('refuses a change of the QoS class in its words', async () => {
      using api = await started(version)
      const equal = { requests: { cpu: '200m', memory: '128Mi' } }
      const body = { spec: { containers: [{ name: 'main', resources: equal }] } }
      const answer = await api.patch(`${podsPath}/one${apart ? '/resize' : ''}`, body)
      assert.equal(answer.code, 422)
      const words = apart
        ? /spec: Invalid value: "Burstable": Pod QOS Class may not change/
        : /metadata: Invalid value: "Burstable": Pod QoS is immutable/
      assert.match(textOf(answer.body.message), words)
    })

    it('refuses other resources in its words', async () => {
      using api = await started(version)
      const requests = { 'ephemeral-storage': '1Gi' }
      const body = { spec: { containers: [{ name: 'main', resources: { requests } }] } }
      const answer = await api.patch(`${podsPath}/one${apart ? '/resize' : ''}`, body)
      assert.equal(answer.code, 422)
      const only =
        'Pod "one" is invalid: spec: Forbidden: only cpu and memory resources are mutable'
      const diff = '\n+ spec.containers[0].resources.requests.ephemeral-storage: "1Gi"'
      const message = textOf(answer.body.message)
      if (counts) assert.equal(message, only)
      else if (apart) assert.equal(message, `${only}${diff}`)
      else assert.ok(message.includes('(for CPU/memory only)') && message.endsWith(diff), message)
    })

    it('resizes init containers that run on, and all of them, since its time', async () => {
      using api = await started(version)
      const resources = { requests: { cpu: '10m' } }
      const initContainers = [
        { name: 'side', image: 'busybox:1', restartPolicy: 'Always', resources },
        { name: 'once', image: 'busybox:1', resources },
      ]
      const { spec, ...rest } = podBody('init') as { spec: object }
      await api.post(podsPath, { ...rest, spec: { ...spec, initContainers } })
      const path = `${podsPath}/init${apart ? '/resize' : ''}`
      const wanted = { requests: { cpu: '20m' } }
      const resized = async (name: string) => {
        const answer = await api.patch(path, {
          spec: { initContainers: [{ name, resources: wanted }] },
        })
        const { body } = await api.get(`${podsPath}/init`)
        const found = listOf(body.spec?.initContainers).find((one) => textOf(one.name) === name)
        const says = textOf(answer.body.message)
        return { code: answer.code, cpu: textOf(found?.resources?.requests?.cpu), says }
      }
      const [side, once] = [await resized('side'), await resized('once')]
      // 1.32 drops what it does not resize; before, it was a change of the pod like any other.
      const refusal = apart ? 200 : 422
      assert.deepEqual([side.code, side.cpu], counts ? [200, '20m'] : [refusal, '10m'])
      if (atLeast(version, '1.36')) assert.deepEqual([once.code, once.cpu], [200, '20m'])
      else assert.deepEqual([once.code, once.cpu], [counts ? 422 : refusal, '10m'])
      if (once.code === 422) {
        const words = /resources for non-sidecar init containers are immutable$/
        assert.match(once.says, counts ? words : /pod updates may not change fields other than/)
      }
    })

    it('knows what is too large for the node, or leaves that to the node', async () => {
      using api = await started(version)
      const huge = { requests: { cpu: '3' }, limits: { cpu: '4' } }
      const body = { spec: { containers: [{ name: 'main', resources: huge }] } }
      const { code } = await api.patch(`${podsPath}/one${apart ? '/resize' : ''}`, body)
      assert.equal(code, atLeast(version, '1.36') ? 403 : 200)
    })

    it('lets a memory limit fall, but for one version', async () => {
      using api = await started(version)
      const less = { requests: { memory: '32Mi' }, limits: { memory: '100Mi' } }
      const body = { spec: { containers: [{ name: 'main', resources: less }] } }
      const answer = await api.patch(`${podsPath}/one${apart ? '/resize' : ''}`, body)
      assert.equal(answer.code, version === '1.33' ? 422 : 200)
    })
  })
}

describe('a pod of Kubernetes 1.32 in a newer one (3.8)', () => {
  it('counts from the next change of its spec on', async () => {
    using old = await started('1.32')
    old.api.close()
    using api = await TestApi.start({ database: join(old.directory, 'api.db') })
    const generation = async (path: string, body: unknown) =>
      (await api.patch(path, body)).body.metadata?.generation
    const one = `${podsPath}/one`
    assert.equal(await generation(one, { metadata: { labels: { a: 'b' } } }), undefined)
    const image = { spec: { containers: [{ name: 'main', image: 'busybox:2' }] } }
    assert.equal(await generation(one, image), 1)
    assert.equal(await generation(`${one}/resize`, bigger), 2)
  })
})

describe('status.resize of Kubernetes 1.31', () => {
  const limit = { spec: { containers: [{ name: 'main', resources: { limits: { cpu: '300m' } } }] } }

  async function afterwards(api: TestApi, body: unknown) {
    return (await api.patch(`${podsPath}/one`, body)).body.status?.resize
  }

  it('is Proposed only for other requests than the node has allocated', async () => {
    using api = await started('1.31')
    assert.equal(await afterwards(api, bigger), undefined)
    const { body } = await api.patch(`${podsPath}/one/status`, allocated)
    assert.ok(body.status?.containerStatuses)
    const back = { requests: { cpu: '100m' } }
    const before = { spec: { containers: [{ name: 'main', resources: back }] } }
    assert.equal(await afterwards(api, before), undefined)
    assert.equal(await afterwards(api, limit), undefined)
    assert.equal(await afterwards(api, bigger), 'Proposed')
  })
})

describe('a quota or a LimitRange', () => {
  it('holds for a resize by patch, too', async () => {
    using api = await started('1.31')
    const core = '/api/v1/namespaces/default'
    const quota = { kind: 'ResourceQuota', apiVersion: 'v1', metadata: { name: 'q' } }
    await api.post(`${core}/resourcequotas`, {
      ...quota,
      spec: { hard: { 'requests.cpu': '140m' } },
    })
    const { code, body } = await api.patch(`${podsPath}/one`, bigger)
    assert.equal(code, 403)
    assert.match(textOf(body.message), /exceeded quota: q, requested: requests.cpu=50m/)
  })

  for (const version of kubeVersions) {
    it(`asks a pod that is resized for what it leaves unset (7.2), ${version}`, async () => {
      using api = await started(version)
      await api.post(podsPath, podBody('open', { requests: { cpu: '10m' } }))
      await api.post('/api/v1/namespaces/default/resourcequotas', {
        kind: 'ResourceQuota',
        apiVersion: 'v1',
        metadata: { name: 'q' },
        spec: { hard: { 'requests.cpu': '10', 'limits.memory': '10Gi' } },
      })
      const path = `${podsPath}/open${atLeast(version, '1.32') ? '/resize' : ''}`
      const { code, body } = await api.patch(path, bigger)
      assert.equal(code, 403)
      assert.equal(
        body.message,
        'pods "open" is forbidden: failed quota: q: must specify limits.memory for: main',
      )
    })
  }
})
