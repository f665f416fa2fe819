import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { TestApi, listOf, podBody, podsPath, textOf } from '../../test/apiserver/test-api.ts'
import { waitUntil } from '../../test/support/wait-until.ts'

const core = '/api/v1/namespaces/default'

function sized(cpu: string, memory: string, limitCpu = cpu, limitMemory = memory) {
  return { requests: { cpu, memory }, limits: { cpu: limitCpu, memory: limitMemory } }
}

function resizeBody(resources: unknown) {
  return { spec: { containers: [{ name: 'main', resources }] } }
}

async function withNode(api: TestApi, cpu = '4', memory = '8Gi'): Promise<void> {
  const status = { allocatable: { cpu, memory, pods: '110' } }
  await api.post('/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } })
  await api.patch('/api/v1/nodes/n1/status', { status })
}

describe('LimitRange (7.3)', () => {
  const limits = (item: object) => ({
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name: 'limits' },
    spec: { limits: [{ type: 'Container', ...item }] },
  })

  it('fills in what containers leave out, and notes it', async () => {
    using api = await TestApi.start()
    await api.post(`${core}/limitranges`, limits({ default: { cpu: '1' }, min: { memory: '1Mi' } }))
    const { code, body } = await api.post(podsPath, podBody('one', {}))
    assert.equal(code, 201)
    const [container] = listOf(body.spec?.containers)
    assert.deepEqual(container?.resources, {
      requests: { cpu: '1', memory: '1Mi' },
      limits: { cpu: '1' },
    })
    assert.equal(
      body.metadata?.annotations?.['kubernetes.io/limit-ranger'],
      'LimitRanger plugin set: cpu, memory request for container main; cpu limit for container main',
    )
    assert.equal(body.status?.qosClass, 'Burstable')
  })

  it('refuses sizes out of range on create and on resize', async () => {
    using api = await TestApi.start()
    await api.post(`${core}/limitranges`, limits({ max: { cpu: '2' }, min: { cpu: '100m' } }))
    const big = await api.post(podsPath, podBody('big', sized('1', '1Gi', '3')))
    assert.equal(big.code, 403)
    assert.equal(
      big.body.message,
      'pods "big" is forbidden: maximum cpu usage per Container is 2, but limit is 3',
    )
    assert.equal((await api.post(podsPath, podBody('one', sized('1', '1Gi')))).code, 201)
    const grown = await api.patch(`${podsPath}/one/resize`, resizeBody(sized('3', '1Gi')))
    assert.equal(grown.code, 403)
    assert.equal(
      grown.body.message,
      'pods "one" is forbidden: maximum cpu usage per Container is 2, but limit is 3',
    )
    const shrunk = await api.patch(`${podsPath}/one/resize`, resizeBody(sized('50m', '1Gi')))
    assert.equal(
      shrunk.body.message,
      'pods "one" is forbidden: minimum cpu usage per Container is 100m, but request is 50m',
    )
  })

  it('can make a resize fail by what it fills in', async () => {
    using api = await TestApi.start()
    await api.post(podsPath, podBody('one', { requests: { cpu: '1' } }))
    await api.post(`${core}/limitranges`, limits({ default: { cpu: '500m' } }))
    const asked = resizeBody({ requests: { cpu: '600m' } })
    const { code, body } = await api.patch(`${podsPath}/one/resize`, asked)
    assert.equal(code, 422)
    assert.equal(
      body.message,
      'Pod "one" is invalid: spec.containers[0].resources.requests: Invalid value: "600m": must be less than or equal to cpu limit of 500m',
    )
  })

  it('leaves a pod alone that is being deleted', async () => {
    using api = await TestApi.start()
    await withNode(api)
    await api.post(podsPath, podBody('one', { requests: { cpu: '1' } }))
    await api.bind(`${podsPath}/one`)
    await api.delete(`${podsPath}/one`)
    await api.post(`${core}/limitranges`, limits({ default: { memory: '1Gi' }, max: { cpu: '1' } }))
    const grown = await api.patch(
      `${podsPath}/one/resize`,
      resizeBody({ requests: { cpu: '1500m' } }),
    )
    assert.equal(grown.code, 200, grown.text)
    const [container] = listOf(grown.body.spec?.containers)
    assert.deepEqual(container?.resources, { requests: { cpu: '1500m' } })
  })

  it('must make sense itself', async () => {
    using api = await TestApi.start()
    const wrong = limits({
      min: { cpu: '2' },
      max: { cpu: '1' },
      maxLimitRequestRatio: { cpu: '0.5' },
    })
    const { code, body } = await api.post(`${core}/limitranges`, wrong)
    assert.equal(code, 422)
    const fields = listOf(body.details?.causes).map(({ field }) => field)
    assert.ok(fields.includes('spec.limits[0].min[cpu]' as never), JSON.stringify(fields))
    assert.ok(fields.includes('spec.limits[0].maxLimitRequestRatio[cpu]' as never))
  })
})

describe('ResourceQuota (7.2)', () => {
  const quota = (hard: object, name = 'q') => ({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name },
    spec: { hard },
  })

  async function used(api: TestApi) {
    return (await api.get(`${core}/resourcequotas/q`)).body.status?.used
  }

  it('charges new pods at once, and refuses what it has no room for', async () => {
    using api = await TestApi.start()
    await api.post(`${core}/resourcequotas`, quota({ 'requests.cpu': '3', pods: '5' }))
    assert.deepEqual(await used(api), { pods: '0', 'requests.cpu': '0' })
    await api.post(podsPath, podBody('one', sized('2', '1Gi')))
    assert.deepEqual(await used(api), { pods: '1', 'requests.cpu': '2' })
    const { code, body } = await api.post(podsPath, podBody('two', sized('2', '1Gi')))
    assert.equal(code, 403)
    assert.equal(
      body.message,
      'pods "two" is forbidden: exceeded quota: q, requested: requests.cpu=2, used: requests.cpu=2, limited: requests.cpu=3',
    )
    const unset = await api.post(podsPath, podBody('three', {}))
    assert.equal(
      unset.body.message,
      'pods "three" is forbidden: failed quota: q: must specify requests.cpu for: main',
    )
  })

  it('never lets two at once through where there is room for one', async () => {
    using api = await TestApi.start()
    await api.post(`${core}/resourcequotas`, quota({ pods: '3' }))
    const names = ['a', 'b', 'c', 'd', 'e', 'f']
    const answers = await Promise.all(names.map((name) => api.post(podsPath, podBody(name))))
    assert.equal(answers.filter(({ code }) => code === 201).length, 3)
    assert.equal(answers.filter(({ code }) => code === 403).length, 3)
    assert.deepEqual(await used(api), { pods: '3' })
  })

  it('charges what a resize adds, and gives back what a deletion frees', async () => {
    using api = await TestApi.start()
    await withNode(api)
    await api.post(`${core}/resourcequotas`, quota({ 'requests.cpu': '3' }))
    await api.post(podsPath, podBody('one', sized('1', '1Gi')))
    const resize = (cpu: string) =>
      api.patch(`${podsPath}/one/resize`, resizeBody(sized(cpu, '1Gi')))
    const { code, body } = await resize('4')
    assert.equal(code, 403)
    assert.equal(
      body.message,
      'pods "one" is forbidden: exceeded quota: q, requested: requests.cpu=3, used: requests.cpu=1, limited: requests.cpu=3',
    )
    assert.equal((await api.get(`${podsPath}/one`)).body.metadata?.generation, 1)
    assert.equal(
      (await api.patch(`${podsPath}/one/resize?dryRun=All`, resizeBody(sized('3', '1Gi')))).code,
      200,
    )
    assert.deepEqual(await used(api), { 'requests.cpu': '1' })
    assert.equal((await resize('3')).code, 200)
    assert.deepEqual(await used(api), { 'requests.cpu': '3' })
    const counted = (cpu: string) =>
      waitUntil(
        `${cpu} CPUs to be counted`,
        () => used(api),
        (now) => isDeepStrictEqual(now, { 'requests.cpu': cpu }),
      )
    await resize('2')
    await counted('2')
    await api.delete(`${podsPath}/one`)
    await counted('0')
  })

  it('charges a pod that an update brings into its scope', async () => {
    using api = await TestApi.start()
    const scoped = quota({ pods: '0' })
    await api.post(`${core}/resourcequotas`, {
      ...scoped,
      spec: { ...scoped.spec, scopes: ['Terminating'] },
    })
    await api.post(podsPath, podBody('one'))
    const { code, body } = await api.patch(`${podsPath}/one`, {
      spec: { activeDeadlineSeconds: 60 },
    })
    assert.equal(code, 403)
    assert.match(textOf(body.message), /exceeded quota: q, requested: pods=1, used: pods=0/)
    assert.equal(
      (await api.patch(`${podsPath}/one`, { metadata: { labels: { a: 'b' } } })).code,
      200,
    )
  })

  it('counts other objects, those that are there already too', async () => {
    using api = await TestApi.start()
    const map = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } })
    await api.post(`${core}/configmaps`, map('a'))
    await api.post(`${core}/resourcequotas`, quota({ configmaps: '2', 'count/secrets': '1' }))
    assert.deepEqual(await used(api), { configmaps: '1', 'count/secrets': '0' })
    assert.equal((await api.post(`${core}/configmaps`, map('b'))).code, 201)
    const { body } = await api.post(`${core}/configmaps`, map('c'))
    assert.equal(
      body.message,
      'configmaps "c" is forbidden: exceeded quota: q, requested: configmaps=1, used: configmaps=2, limited: configmaps=2',
    )
    await api.patch(`${core}/resourcequotas/q`, { spec: { hard: { configmaps: '3' } } })
    await waitUntil(
      'the larger quota to count',
      async () => (await api.post(`${core}/configmaps`, map('c'))).code,
      (code) => code === 201,
    )
  })
})

describe('PriorityClass', () => {
  const classes = '/apis/scheduling.k8s.io/v1/priorityclasses'
  const classBody = (name: string, value: number, more: object = {}) => ({
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name },
    value,
    ...more,
  })
  const classed = (name: string, spec: object) => {
    const pod = podBody(name)
    return { ...pod, spec: { ...(pod['spec'] as object), ...spec } }
  }

  it('is there for the system, and cannot be taken away', async () => {
    using api = await TestApi.start()
    const { body } = await api.get(classes)
    const found = listOf(body.items).map(({ metadata, value }) => [metadata?.name, value])
    assert.deepEqual(found, [
      ['system-cluster-critical', 2_000_000_000],
      ['system-node-critical', 2_000_001_000],
    ])
    assert.equal((await api.delete(`${classes}/system-node-critical`)).code, 403)
    assert.equal((await api.post(classes, classBody('too-high', 1_000_000_001))).code, 422)
  })

  it('gives pods their number', async () => {
    using api = await TestApi.start()
    await api.post(classes, classBody('high', 1000, { preemptionPolicy: 'Never' }))
    const { body } = await api.post(podsPath, classed('a', { priorityClassName: 'high' }))
    assert.equal(body.spec?.priority, 1000)
    assert.equal(body.spec?.preemptionPolicy, 'Never')
    const critical = classed('g', { priorityClassName: 'system-node-critical' })
    assert.equal((await api.post(podsPath, critical)).body.spec?.priority, 2_000_001_000)
    const unknown = await api.post(podsPath, classed('b', { priorityClassName: 'none' }))
    assert.equal(unknown.code, 403)
    assert.equal(
      unknown.body.message,
      'pods "b" is forbidden: no PriorityClass with name none was found',
    )
    const own = await api.post(podsPath, classed('c', { priority: 5 }))
    assert.match(
      textOf(own.body.message),
      /the integer value of priority \(5\) must not be provided/,
    )
    const zero = await api.post(podsPath, classed('e', { priorityClassName: 'high', priority: 0 }))
    assert.match(textOf(zero.body.message), /priority \(0\) must not be .* computed 1000/)
    const policy = { priorityClassName: 'high', preemptionPolicy: 'PreemptLowerPriority' }
    const preempting = await api.post(podsPath, classed('f', policy))
    assert.match(textOf(preempting.body.message), /the string value of PreemptionPolicy \(Pree/)
    const plain = (await api.post(podsPath, classed('d', { priority: 0 }))).body
    assert.equal(plain.spec?.priority, 0)
    assert.equal(plain.spec?.preemptionPolicy, 'PreemptLowerPriority')
    assert.equal((await api.put(`${podsPath}/d`, classed('d', {}))).body.spec?.priority, 0)
    const replaced = await api.put(`${podsPath}/a`, classed('a', { priorityClassName: 'high' }))
    assert.equal(replaced.code, 200)
  })

  it('can be the default, one of them', async () => {
    using api = await TestApi.start()
    await api.post(classes, classBody('usual', 7, { globalDefault: true }))
    const { body } = await api.post(podsPath, classed('a', {}))
    assert.equal(body.spec?.priorityClassName, 'usual')
    assert.equal(body.spec?.priority, 7)
    const second = await api.post(classes, classBody('other', 8, { globalDefault: true }))
    assert.equal(second.code, 403)
    assert.equal((await api.patch(`${classes}/usual`, { value: 9 }, 'merge')).code, 422)
  })
})

describe('eviction', () => {
  it('deletes the pod with the time that is asked for', async () => {
    using api = await TestApi.start()
    await api.post(podsPath, podBody('one'))
    await api.bind(`${podsPath}/one`)
    const eviction = (more: object = {}) => ({
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: 'one' },
      ...more,
    })
    const uid = { deleteOptions: { preconditions: { uid: 'other' } } }
    assert.equal((await api.post(`${podsPath}/one/eviction`, eviction(uid))).code, 409)
    const { code, body } = await api.post(
      `${podsPath}/one/eviction`,
      eviction({ deleteOptions: { gracePeriodSeconds: 5 } }),
    )
    assert.equal(code, 201)
    assert.equal(body.status, 'Success')
    const pod = (await api.get(`${podsPath}/one`)).body
    assert.equal(pod.metadata?.deletionGracePeriodSeconds, 5)
    const none = eviction({ metadata: { name: 'none' } })
    assert.equal((await api.post(`${podsPath}/none/eviction`, none)).code, 404)
  })

  it('is taken in the version that older clients send, and in no other', async () => {
    using api = await TestApi.start()
    await api.post(podsPath, podBody('one'))
    const evict = (apiVersion: string) => {
      const body = { apiVersion, kind: 'Eviction', metadata: { name: 'one' } }
      return api.post(`${podsPath}/one/eviction`, body)
    }
    assert.equal((await evict('policy/v2')).code, 400)
    assert.equal((await evict('policy/v1beta1')).code, 201)
    assert.equal((await api.get(`${podsPath}/one`)).code, 404)
  })

  it('means the pod that it names', async () => {
    using api = await TestApi.start()
    await api.post(podsPath, podBody('one'))
    for (const metadata of [{}, { name: '' }, { name: 'two' }]) {
      const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata }
      const answer = await api.post(`${podsPath}/one/eviction`, body)
      assert.equal(answer.code, 400)
      assert.equal(answer.body.message, 'name in URL does not match name in Eviction object')
    }
    assert.equal((await api.get(`${podsPath}/one`)).code, 200)
  })

  it('is not confused with ephemeral containers, which are refused', async () => {
    using api = await TestApi.start()
    await api.post(podsPath, podBody('one'))
    const { code, body } = await api.patch(`${podsPath}/one/ephemeralcontainers`, {})
    assert.equal(code, 404)
    assert.match(textOf(body.message), /podfit runs no ephemeral containers/)
  })
})
