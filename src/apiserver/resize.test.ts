import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { declaredFeatures as declared } from '../domain/resize/validation/node-features.ts'
import {
  type Body,
  TestApi,
  listOf,
  podBody,
  podsPath,
  textOf,
} from '../../test/apiserver/test-api.ts'

let api: TestApi
const steps: string[] = []

before(async () => {
  api = await TestApi.start({ onStep: (step) => steps.push(step) })
  const allocatable = { cpu: '2', memory: '4Gi' }
  const declaredFeatures = declared('1.36')
  const able = { status: { allocatable, declaredFeatures } }
  await api.post('/api/v1/nodes', { metadata: { name: 'n1' }, ...able })
  await api.post('/api/v1/nodes', { metadata: { name: 'old' }, status: { allocatable } })
  const labels = { 'kubernetes.io/os': 'windows' }
  await api.post('/api/v1/nodes', { metadata: { name: 'w1', labels }, status: { allocatable } })
})

after(() => api[Symbol.dispose]())

let count = 0

/** Makes a pod, on node `n1` unless told otherwise, and returns its path. */
async function makePod(resources?: unknown, changes: object = {}, node = 'n1'): Promise<string> {
  count += 1
  const body = podBody(`pod-${count}`, resources)
  const spec = { ...(body['spec'] as object), ...changes }
  const { code, text } = await api.post(podsPath, { ...body, spec })
  assert.equal(code, 201, text)
  const path = `${podsPath}/pod-${count}`
  if (node !== '') await api.bind(path, node)
  return path
}

function resize(path: string, resources: unknown) {
  return api.patch(`${path}/resize`, { spec: { containers: [{ name: 'main', resources }] } })
}

function mainOf(pod: Body): Body {
  return pod.spec?.containers?.[0] as Body
}

describe('resize (3.2, 3.3, 3.8)', () => {
  it('stores the new size and counts the change', async () => {
    const path = await makePod()
    steps.length = 0
    const { code, body } = await resize(path, { requests: { cpu: '150m' } })
    assert.equal(code, 200)
    assert.deepEqual(mainOf(body).resources, {
      requests: { cpu: '150m', memory: '64Mi' },
      limits: { cpu: '200m', memory: '128Mi' },
    })
    assert.equal(body.metadata?.generation, 2)
    assert.deepEqual(steps, [
      'resize.received',
      'resize.accepted',
      'api.commit.before',
      'api.commit.after',
    ])
  })

  it('takes merge and JSON patches, and PUT', async () => {
    const path = await makePod()
    const json = [{ op: 'replace', path: '/spec/containers/0/resources/limits/cpu', value: '0.5' }]
    const patched = await api.patch(`${path}/resize`, json, 'json')
    assert.equal(mainOf(patched.body).resources?.limits?.cpu, '500m')
    const containers = [
      {
        ...mainOf(patched.body),
        resources: {
          limits: { cpu: '1', memory: '128Mi' },
          requests: { cpu: '100m', memory: '64Mi' },
        },
      },
    ]
    const merged = await api.patch(`${path}/resize`, { spec: { containers } }, 'merge')
    assert.equal(mainOf(merged.body).resources?.limits?.cpu, '1')
    const { body } = await api.get(`${path}/resize`)
    const put = await api.put(`${path}/resize`, {
      ...body,
      spec: {
        ...body.spec,
        containers: [
          {
            ...mainOf(body),
            resources: {
              limits: { cpu: '2', memory: '128Mi' },
              requests: { cpu: '100m', memory: '64Mi' },
            },
          },
        ],
      },
    })
    assert.equal(put.code, 200)
    assert.equal(put.body.metadata?.generation, 4)
    assert.equal((await api.put(`${path}/resize`, body)).code, 409)
  })

  it('leaves a pod that can be changed, whatever the body leaves out', async () => {
    const side = { name: 'side', image: 'busybox:1' }
    const initContainers = [{ ...side, name: 'i' }]
    const specOf = (cpu: string) => {
      const resources = { requests: { cpu } }
      return { containers: [{ name: 'main', image: 'busybox:1', resources }, side], initContainers }
    }
    const path = await makePod(undefined, specOf('100m'))
    const name = path.slice(podsPath.length + 1)
    const spec = specOf('150m')
    const put = await api.put(`${path}/resize`, { metadata: { name }, spec })
    assert.equal(put.code, 200, put.text)
    const { code, body, text } = await api.patch(path, { metadata: { labels: { a: 'b' } } })
    assert.equal(code, 200, text)
    const [, second] = listOf(body.spec?.containers)
    assert.deepEqual(second?.resources, {})
  })

  it('drops everything else silently', async () => {
    const path = await makePod()
    const { code, body } = await api.patch(`${path}/resize`, {
      metadata: { labels: { a: 'b' }, annotations: { c: 'd' } },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [{ name: 'main', image: 'other:1', env: [{ name: 'A', value: 'b' }] }],
      },
      status: { phase: 'Failed' },
    })
    assert.equal(code, 200)
    assert.equal(body.metadata?.labels, undefined)
    assert.equal(body.metadata?.annotations, undefined)
    assert.equal(mainOf(body).image, 'busybox:1')
    assert.equal(body.spec?.terminationGracePeriodSeconds, 30)
    assert.equal(body.status?.phase, 'Pending')
    assert.equal(body.metadata?.generation, 1)
  })

  it('does not count a size that is the same in other words', async () => {
    const path = await makePod()
    const { body } = await resize(path, { requests: { cpu: '0.1', memory: '65536Ki' } })
    assert.equal(body.metadata?.generation, 1)
  })

  it('puts a removed request back where the limit stays', async () => {
    const path = await makePod({ limits: { cpu: '200m' } })
    const remove = { spec: { containers: [{ name: 'main', resources: { requests: null } }] } }
    const { code, body } = await api.patch(`${path}/resize`, remove)
    assert.equal(code, 200)
    assert.equal(mainOf(body).resources?.requests?.cpu, '200m')
    assert.equal(body.metadata?.generation, 1)
  })

  it('looks at the node only where something changes, and not at other pods (3.5)', async () => {
    const huge = await makePod({ requests: { cpu: '3' } })
    const same = await resize(huge, { requests: { cpu: '3000m' } })
    assert.equal(same.code, 200, same.text)
    assert.equal(same.body.metadata?.generation, 1)
    for (const path of [await makePod(), await makePod()]) {
      const { code, text } = await resize(path, {
        requests: { cpu: '1500m' },
        limits: { cpu: '2' },
      })
      assert.equal(code, 200, text)
    }
  })

  it('lets a pod that is on no node be as large as it likes', async () => {
    const path = await makePod(undefined, {}, '')
    assert.equal((await resize(path, { limits: { cpu: '100' } })).code, 200)
  })

  it('accepts a resize of a pod that is being deleted', async () => {
    const path = await makePod()
    await api.delete(path)
    const { code, body } = await resize(path, { requests: { cpu: '150m' } })
    assert.equal(code, 200)
    assert.equal(body.metadata?.generation, 3)
    assert.ok(body.metadata?.deletionTimestamp)
  })

  it('resizes sidecars and plain init containers', async () => {
    const resources = { requests: { cpu: '10m' } }
    const initContainers = [
      { name: 'side', image: 'busybox:1', restartPolicy: 'Always', resources },
      { name: 'once', image: 'busybox:1', resources },
    ]
    const path = await makePod(undefined, { initContainers })
    const larger = { requests: { cpu: '20m' } }
    const spec = {
      initContainers: [
        { name: 'side', resources: larger },
        { name: 'once', resources: larger },
      ],
    }
    const { code, body } = await api.patch(`${path}/resize`, { spec })
    assert.equal(code, 200)
    const sizes = listOf(body.spec?.initContainers).map((container) => container.resources)
    assert.deepEqual(sizes, [larger, larger])
  })
})

interface Refusal {
  readonly what: string
  readonly pod?: unknown
  readonly changes?: object
  readonly node?: string
  readonly patch: unknown
  readonly code: number
  /** Of the message after `Pod "x" is invalid: ` or `pods "x" is forbidden: `. */
  readonly says: string
  readonly cause?: { readonly reason: string; readonly field?: string }
}

function main(resources: unknown, rest: object = {}): unknown {
  return { spec: { containers: [{ name: 'main', resources, ...rest }] } }
}

const refusals: readonly Refusal[] = [
  {
    what: 'a change of the QoS class',
    patch: main({ requests: { cpu: '200m', memory: '128Mi' } }),
    code: 422,
    says: 'spec: Invalid value: "Burstable": Pod QOS Class may not change as a result of resizing',
    cause: { reason: 'FieldValueInvalid', field: 'spec' },
  },
  {
    what: 'a request above its limit',
    patch: main({ requests: { cpu: '300m' } }),
    code: 422,
    says: 'spec.containers[0].resources.requests: Invalid value: "300m": must be less than or equal to cpu limit of 200m',
    cause: { reason: 'FieldValueInvalid', field: 'spec.containers[0].resources.requests' },
  },
  {
    what: 'a removed limit',
    patch: main({ limits: { cpu: null } }),
    code: 422,
    says: 'spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed',
    cause: { reason: 'FieldValueForbidden', field: 'spec.containers[0].resources.limits' },
  },
  {
    what: 'a removed request that no limit brings back',
    pod: { requests: { cpu: '100m', memory: '64Mi' } },
    patch: main({ requests: { cpu: null } }),
    code: 422,
    says: 'spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed',
  },
  {
    what: 'another resource',
    patch: main({ requests: { 'ephemeral-storage': '1Gi' } }),
    code: 422,
    says: 'spec: Forbidden: only cpu and memory resources are mutable',
    cause: { reason: 'FieldValueForbidden', field: 'spec' },
  },
  {
    what: 'a new resize policy',
    patch: main(undefined, {
      resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }],
    }),
    code: 422,
    says: 'spec: Forbidden: only cpu and memory resources are mutable',
  },
  {
    what: 'a container more',
    patch: { spec: { containers: [{ name: 'new', image: 'busybox:1' }] } },
    code: 422,
    says: 'spec.containers: Forbidden: containers may not be added or removed on resize',
  },
  {
    what: 'a pod that another system runs',
    changes: { os: { name: 'windows' } },
    patch: main({ requests: { cpu: '150m' } }),
    code: 422,
    says: '[]: Forbidden: windows pods cannot be resized',
    cause: { reason: 'FieldValueForbidden', field: '[]' },
  },
  {
    what: 'two things at once',
    patch: main({ limits: { cpu: null }, requests: { 'ephemeral-storage': '1Gi' } }),
    code: 422,
    says: '[spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed, spec: Forbidden: only cpu and memory resources are mutable]',
    cause: { reason: 'FieldValueForbidden', field: 'spec.containers[0].resources.limits' },
  },
  {
    what: 'a negative amount',
    patch: main({ requests: { cpu: '-1' } }),
    code: 422,
    says: 'spec.containers[0].resources.requests[cpu]: Invalid value: "-1": must be greater than or equal to 0',
  },
  {
    what: 'an init container, on a node that cannot (3.5)',
    node: 'old',
    changes: { initContainers: [{ name: 'once', image: 'busybox:1' }] },
    patch: { spec: { initContainers: [{ name: 'once', resources: { requests: { cpu: '2m' } } }] } },
    code: 403,
    says: 'pod update requires features InPlacePodVerticalScalingInitContainers which are not available on node "old"',
  },
  {
    what: 'the size of the whole pod, on a node that cannot',
    node: 'old',
    patch: { spec: { resources: { requests: { cpu: '200m' }, limits: { cpu: '200m' } } } },
    code: 403,
    says: 'pod update requires features InPlacePodLevelResourcesVerticalScaling which are not available on node "old"',
  },
  {
    what: 'more CPU than the node has (3.5)',
    patch: main({ requests: { cpu: '2500m' }, limits: { cpu: '3' } }),
    code: 403,
    says: "node didn't have enough allocatable resources: cpu, requested: 2500, allocatable: 2000",
    cause: { reason: 'NodeCapacity' },
  },
  {
    what: 'more of both than the node has',
    patch: main({ requests: { cpu: '3', memory: '5Gi' }, limits: { cpu: '3', memory: '6Gi' } }),
    code: 403,
    says: "node didn't have enough allocatable resources: cpu, requested: 3000, allocatable: 2000; memory, requested: 5368709120, allocatable: 4294967296",
  },
  {
    what: 'a pod on a node of another system (3.5)',
    node: 'w1',
    patch: main({ requests: { cpu: '150m' } }),
    code: 403,
    says: 'pod resize is only supported on linux nodes, node "w1" is "windows"',
    cause: { reason: 'UnsupportedPlatform' },
  },
  {
    what: 'a pod on a node that is not there (3.5)',
    node: 'gone',
    patch: main({ requests: { cpu: '150m' } }),
    code: 403,
    says: 'node "gone" not found',
  },
]

describe('a resize is refused (3.4, 3.5) for', () => {
  for (const { what, pod, changes, node, patch, code, says, cause } of refusals) {
    it(what, async () => {
      const path = await makePod(pod, changes, node)
      const before = (await api.get(path)).text
      const answer = await api.patch(`${path}/resize`, patch)
      assert.equal(answer.code, code, answer.text)
      const name = path.slice(podsPath.length + 1)
      const subject = code === 422 ? `Pod "${name}" is invalid: ` : `pods "${name}" is forbidden: `
      assert.equal(answer.body.message, subject + says)
      assert.equal(answer.body.reason, code === 422 ? 'Invalid' : 'Forbidden')
      assert.equal(answer.body.details?.kind, code === 422 ? 'Pod' : 'pods')
      const causes = answer.body.details?.causes
      if (cause !== undefined) assert.equal(causes?.[0]?.reason, cause.reason)
      if (cause?.field !== undefined) assert.equal(causes?.[0]?.field, cause.field)
      assert.equal((await api.get(path)).text, before)
    })
  }

  it('what is no quantity', async () => {
    const path = await makePod()
    const regular = /quantities must match the regular expression/
    const { code, body } = await resize(path, { requests: { cpu: 'lots' } })
    assert.equal(code, 422)
    assert.match(textOf(body.message), /^ "" is invalid: patch: Invalid value: "map\[spec:map\[/)
    assert.match(textOf(body.message), regular)
    const { body: pod } = await api.get(path)
    const containers = listOf(pod.spec?.containers).map((container) => {
      return { ...container, resources: { requests: { cpu: 'lots' } } }
    })
    const put = await api.put(`${path}/resize`, { ...pod, spec: { ...pod.spec, containers } })
    assert.equal(put.code, 400)
    assert.match(textOf(put.body.message), regular)
  })

  it('what runs on a node that cannot resize', async () => {
    const path = await makePod()
    const running = {
      name: 'main',
      state: { running: {} },
      ready: true,
      restartCount: 0,
      image: 'x',
      imageID: 'y',
    }
    const status = { phase: 'Running', containerStatuses: [running] }
    await api.patch(`${path}/status`, { status })
    const { body } = await resize(path, { requests: { cpu: '150m' } })
    assert.match(
      textOf(body.message),
      /spec: Forbidden: Pod running on node without support for resize/,
    )
  })

  it('a pod that is not there', async () => {
    assert.equal((await resize(`${podsPath}/nobody`, {})).code, 404)
  })
})

describe('the pod itself', () => {
  it('refuses other resources with the words of Kubernetes (3.7)', async () => {
    const path = await makePod()
    const { code, body } = await api.patch(path, main({ requests: { cpu: '150m' } }))
    assert.equal(code, 422)
    assert.match(
      textOf(body.message),
      /spec: Forbidden: pod updates may not change fields other than `spec.containers\[\*\].image`,`spec.initContainers\[\*\].image`/,
    )
  })
})
