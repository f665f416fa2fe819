import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { TestApi, listOf, textOf } from '../../../test/apiserver/test-api.ts'

/** What kinds without a test of their own refuse: through the server, as a client sees it. */

let api: TestApi
before(async () => {
  api = await TestApi.start()
})
after(() => api[Symbol.dispose]())

const core = '/api/v1/namespaces/default'
const reviews = '/apis/authorization.k8s.io/v1'
const resourceAttributes = { verb: 'get', resource: 'pods' }
const nonResourceAttributes = { path: '/x', verb: 'get' }
const askWhat =
  'spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified'
const askWhom = 'spec.user: Invalid value: "": at least one of user or group must be specified'

/** Name, path, body without metadata.name, and the errors after "is invalid: ". */
const refused: readonly (readonly [string, string, object, string])[] = [
  [
    'a config map with a bad key',
    `${core}/configmaps`,
    { data: { '..': '' } },
    `data[..]: Invalid value: "..": must not be '..'`,
  ],
  [
    'a secret whose type wants more, in plain text, too',
    `${core}/secrets`,
    { type: 'kubernetes.io/tls', stringData: { 'tls.key': 'x' } },
    'data[tls.crt]: Required value',
  ],
  [
    'a priority class of unknown policy',
    '/apis/scheduling.k8s.io/v1/priorityclasses',
    { value: 1, preemptionPolicy: 'Sometimes' },
    'preemptionPolicy: Unsupported value: "Sometimes": supported values: "PreemptLowerPriority", "Never"',
  ],
  [
    'a lease that lasts less than nothing',
    '/apis/coordination.k8s.io/v1/namespaces/default/leases',
    { spec: { leaseDurationSeconds: -1, leaseTransitions: -1 } },
    '[spec.leaseDurationSeconds: Invalid value: -1: must be greater than 0, spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0]',
  ],
  [
    'a node with taints without effect, of unknown effect and twice',
    '/api/v1/nodes',
    {
      spec: {
        taints: [
          { key: 'a' },
          { key: 'b', effect: 'No' },
          { key: 'c', effect: 'NoSchedule' },
          { key: 'c', effect: 'NoSchedule' },
        ],
      },
    },
    '[metadata.taints[0].effect: Required value, metadata.taints[1].effect: Unsupported value: "No": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute", metadata.taints[3]: Duplicate value: {"key":"c","effect":"NoSchedule"}: taints must be unique by key and effect pair]',
  ],
  [
    'a node with a network that is none, and two of a family',
    '/api/v1/nodes',
    { spec: { podCIDRs: ['10.0.0.0/33', '10.0.1.0/24', '10.0.2.0/24'] } },
    '[spec.podCIDRs[0]: Invalid value: "10.0.0.0/33": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64), spec.podCIDRs: Invalid value: ["10.0.0.0/33","10.0.1.0/24","10.0.2.0/24"]: may specify no more than one CIDR for each IP family]',
  ],
  [
    'an event about an object elsewhere',
    `${core}/events`,
    { involvedObject: { kind: 'Pod', name: 'x', namespace: 'other' } },
    'involvedObject.namespace: Invalid value: "other": does not match event.namespace',
  ],
  [
    'an event with a time of its own that does not say who reports it',
    `${core}/events`,
    { involvedObject: { namespace: 'default' }, eventTime: '2026-01-01T00:00:00.000000Z' },
    "[reportingComponent: Required value, reportingComponent: Invalid value: \"\": name part must be non-empty, reportingComponent: Invalid value: \"\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'), reportingInstance: Required value, action: Required value, reason: Required value]",
  ],
  ['a question about nothing', `${reviews}/selfsubjectaccessreviews`, { spec: {} }, askWhat],
  [
    'a question about two things',
    `${reviews}/selfsubjectaccessreviews`,
    { spec: { resourceAttributes, nonResourceAttributes } },
    'spec.nonResourceAttributes: Invalid value: {"path":"/x","verb":"get"}: cannot be specified in combination with resourceAttributes',
  ],
  [
    'a question about nobody and nothing',
    `${reviews}/subjectaccessreviews`,
    { spec: {} },
    `[${askWhat}, ${askWhom}]`,
  ],
  [
    'a question about nobody',
    `${reviews}/subjectaccessreviews`,
    { spec: { resourceAttributes } },
    askWhom,
  ],
]

describe('refused with 422 is', () => {
  for (const [what, path, body, says] of refused) {
    test(what, async () => {
      const isQuestion = path.startsWith(reviews)
      const metadata = isQuestion ? {} : { name: 'x' }
      const answer = await api.post(path, { metadata, ...body })
      assert.equal(answer.code, 422, answer.text)
      const [subject = '', told] = textOf(answer.body.message).split(' is invalid: ')
      assert.equal(told, says)
      assert.match(subject, isQuestion ? /^\w+\.authorization\.k8s\.io ""$/ : /^[\w.]+ "x"$/)
    })
  }
})

describe('an update is refused with 422 of', () => {
  const frozen = 'Forbidden: field is immutable when `immutable` is set'
  test('what is immutable, and the rest of it may change', async () => {
    for (const [kind, data] of [
      ['configmaps', { a: '1' }],
      ['secrets', { a: 'MQ==' }],
    ] as const) {
      await api.post(`${core}/${kind}`, { metadata: { name: 'still' }, immutable: true, data })
      const changed = await api.patch(`${core}/${kind}/still`, { data: { b: 'Mg==' } })
      assert.equal(changed.code, 422)
      assert.match(textOf(changed.body.message), new RegExp(`data: ${frozen}$`))
      const thawed = await api.patch(`${core}/${kind}/still`, { immutable: false })
      assert.match(textOf(thawed.body.message), new RegExp(`immutable: ${frozen}$`))
      const labels = { a: 'b' }
      assert.equal((await api.patch(`${core}/${kind}/still`, { metadata: { labels } })).code, 200)
    }
  })

  test('what a node gets once and keeps', async () => {
    const spec = { podCIDRs: ['10.0.0.0/24', 'fd00::/64'], providerID: 'cloud://1' }
    const made = await api.post('/api/v1/nodes', { metadata: { name: 'placed' }, spec })
    assert.equal(made.body.spec?.podCIDR, '10.0.0.0/24')
    const { body } = await api.patch(
      '/api/v1/nodes/placed',
      { spec: { podCIDR: '10.0.1.0/24', providerID: 'cloud://2' } },
      'merge',
    )
    const once = (what: string) => `node updates may not change ${what} except from "" to valid`
    assert.equal(
      body.message,
      `Node "placed" is invalid: [spec.podCIDRs: Forbidden: ${once('podCIDR')}, spec.providerID: Forbidden: ${once('providerID')}]`,
    )
  })

  /** Path of the status, the status, and the errors after "is invalid: ". */
  const reported: readonly (readonly [string, string, object, string])[] = [
    [
      'less than nothing, and a part of a pod',
      '/api/v1/nodes/reporting',
      { capacity: { cpu: '-1' }, allocatable: { pods: '1500m' } },
      '[status.capacity.cpu: Invalid value: "-1": must be greater than or equal to 0, status.allocatable.pods: Invalid value: "1500m": must be an integer]',
    ],
    [
      'an address that comes twice',
      '/api/v1/nodes/reporting',
      { addresses: ['a', 'b', 'a'].map((address) => ({ type: 'Hostname', address })) },
      'status.addresses[2]: Duplicate value: {"type":"Hostname","address":"a"}',
    ],
    [
      'the end of a namespace that stays',
      '/api/v1/namespaces/default',
      { phase: 'Terminating' },
      'status.Phase: Invalid value: "Terminating": may only be \'Active\' if `deletionTimestamp` is empty',
    ],
    [
      'a quota for what there is not',
      `${core}/resourcequotas/reported`,
      { used: { foo: '1', pods: '-1' } },
      '[status.used[foo]: Invalid value: "foo": must be a standard resource type or fully qualified, status.used[foo]: Invalid value: "foo": must be a standard resource for quotas, status.used[pods]: Invalid value: "-1": must be greater than or equal to 0]',
    ],
  ]
  for (const [name, path, status, errors] of reported) {
    test(`status that tells ${name}`, async () => {
      const at = path.lastIndexOf('/')
      await api.post(path.slice(0, at), { metadata: { name: path.slice(at + 1) } })
      const { code, body } = await api.patch(`${path}/status`, { status }, 'merge')
      assert.equal(code, 422)
      assert.equal(textOf(body.message).split(' is invalid: ')[1], errors)
    })
  }

  test('a finalizer that nobody knows', async () => {
    const path = '/api/v1/namespaces/default/finalize'
    const { body } = await api.put(path, {
      metadata: { name: 'default' },
      spec: { finalizers: ['kubernetes', 'foo'] },
    })
    assert.equal(
      body.message,
      'Namespace "default" is invalid: spec.finalizers[1]: Invalid value: "foo": name is neither a standard finalizer name nor is it fully qualified',
    )
  })

  test('a taint without effect', async () => {
    await api.post('/api/v1/nodes', { metadata: { name: 'n' } })
    const { code, body } = await api.patch('/api/v1/nodes/n', { spec: { taints: [{ key: 'a' }] } })
    assert.equal(code, 422)
    assert.match(textOf(body.message), /metadata.taints\[0\].effect: Required value/)
  })
})

test('accepted are events about objects without a namespace, and of the node', async () => {
  const about = { kind: 'Node', name: 'n' }
  const { code } = await api.post(`${core}/events`, {
    metadata: { name: 'e' },
    involvedObject: about,
  })
  assert.equal(code, 201)
})

test('of thousands of errors as many are told as anybody reads', async () => {
  const data = Object.fromEntries(Array.from({ length: 3000 }, (_, at) => [`not/a key ${at}`, '']))
  const { code, body } = await api.post(`${core}/configmaps`, { metadata: { name: 'x' }, data })
  assert.equal(code, 422)
  assert.equal(listOf(body.details?.causes).length, 1000)
  assert.match(textOf(body.message), /\] and 2000 more$/)
})
