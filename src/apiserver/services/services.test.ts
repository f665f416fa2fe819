import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { TestApi, listOf, textOf, type Answer } from '../../../test/apiserver/test-api.ts'

const path = '/api/v1/namespaces/default/services'
const ports = [{ port: 80 }]

function service(name: string, spec: object) {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec }
}

function make(api: TestApi, name: string, spec: object): Promise<Answer> {
  return api.post(path, service(name, spec))
}

describe('a service', () => {
  it('gets an address of its own, and what Kubernetes fills in', async () => {
    using api = await TestApi.start()
    const made = await make(api, 'a', { ports, selector: { app: 'web' } })
    assert.equal(made.code, 201, made.text)
    assert.deepEqual(made.body.spec, {
      ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
      selector: { app: 'web' },
      type: 'ClusterIP',
      sessionAffinity: 'None',
      internalTrafficPolicy: 'Cluster',
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      clusterIP: '10.96.1.0',
      clusterIPs: ['10.96.1.0'],
    })
    assert.deepEqual(made.body.status, { loadBalancer: {} })
    const second = await make(api, 'b', { ports })
    assert.equal(second.body.spec?.clusterIP, '10.96.1.1')
  })

  it('gets an address that nobody else gets at the same moment', async () => {
    using api = await TestApi.start()
    const names = Array.from({ length: 20 }, (_, index) => `s${index}`)
    const made = await Promise.all(
      names.map((name) => make(api, name, { ports, type: 'NodePort' })),
    )
    const all = made.map(({ body }) => textOf(body.spec?.clusterIP))
    assert.equal(new Set(all).size, names.length)
    const opened = made.map(({ body }) => textOf(listOf(body.spec?.ports)[0]?.nodePort))
    assert.equal(new Set(opened).size, names.length)
  })

  it('named kubernetes is there from the start', async () => {
    using api = await TestApi.start()
    const { body } = await api.get(`${path}/kubernetes`)
    assert.equal(body.spec?.clusterIP, '10.96.0.1')
    const taken = await make(api, 'a', { ports, clusterIP: '10.96.0.1' })
    assert.equal(
      taken.body.message,
      'Service "a" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.1"]: failed to allocate IP 10.96.0.1: provided IP is already allocated',
    )
  })

  it('without an address stays so: headless, or a name outside', async () => {
    using api = await TestApi.start()
    const headless = await make(api, 'a', { clusterIP: 'None' })
    assert.deepEqual(headless.body.spec?.clusterIPs, ['None'])
    const outside = await make(api, 'b', { type: 'ExternalName', externalName: 'example.com' })
    assert.equal(outside.code, 201, outside.text)
    assert.equal(outside.body.spec?.clusterIP, undefined)
    assert.equal(outside.body.spec?.ipFamilies, undefined)
  })

  it('has an affinity that lasts, or none at all', async () => {
    using api = await TestApi.start()
    const clientIP = { timeoutSeconds: 5 }
    const loose = await make(api, 'a', { ports, sessionAffinityConfig: { clientIP } })
    assert.equal(loose.body.spec?.sessionAffinityConfig, undefined)
    const sticky = await make(api, 'b', { ports, sessionAffinity: 'ClientIP' })
    const config = { clientIP: { timeoutSeconds: 10_800 } }
    assert.deepEqual(sticky.body.spec?.sessionAffinityConfig, config)
  })

  it('is found by its type and its address', async () => {
    using api = await TestApi.start()
    await make(api, 'a', { ports, type: 'NodePort' })
    await make(api, 'b', { clusterIP: 'None' })
    const found = async (selector: string) => {
      const { body } = await api.get(`${path}?fieldSelector=${encodeURIComponent(selector)}`)
      return listOf(body.items).map(({ metadata }) => textOf(metadata?.name))
    }
    assert.deepEqual(await found('spec.type=NodePort'), ['a'])
    assert.deepEqual(await found('spec.clusterIP=None'), ['b'])
    assert.deepEqual(await found('spec.type!=NodePort'), ['b', 'kubernetes'])
  })

  it('keeps its address and ports of nodes over a PUT that leaves them out', async () => {
    using api = await TestApi.start()
    const { spec } = (await make(api, 'a', { ports, type: 'NodePort' })).body
    const put = await api.put(`${path}/a`, service('a', { ports, type: 'NodePort' }))
    assert.equal(put.code, 200, put.text)
    assert.deepEqual(put.body.spec, spec)
    const plain = await api.patch(`${path}/a`, { spec: { type: 'ClusterIP' } })
    assert.equal(plain.code, 200, plain.text)
    assert.equal(listOf(plain.body.spec?.ports)[0]?.nodePort, undefined)
    const renamed = { type: 'ExternalName', externalName: 'example.com' }
    const outside = await api.patch(`${path}/a`, { spec: renamed }, 'merge')
    assert.equal(outside.code, 200, outside.text)
    assert.equal(outside.body.spec?.clusterIP, undefined)
  })

  it('is of both families where it is headless and leads nowhere by itself', async () => {
    using api = await TestApi.start()
    const familiesOf = async (name: string, spec: object) => {
      const { body } = await make(api, name, { clusterIP: 'None', ...spec })
      return [body.spec?.ipFamilies, body.spec?.ipFamilyPolicy]
    }
    const both = ['IPv4', 'IPv6']
    assert.deepEqual(await familiesOf('a', {}), [both, 'RequireDualStack'])
    assert.deepEqual(await familiesOf('b', { selector: { a: 'b' } }), [['IPv4'], 'SingleStack'])
    const single = { ipFamilyPolicy: 'SingleStack' }
    assert.deepEqual(await familiesOf('c', single), [['IPv4'], 'SingleStack'])
    const prefers = { selector: { a: 'b' }, ipFamilyPolicy: 'PreferDualStack' }
    assert.deepEqual(await familiesOf('d', prefers), [['IPv4'], 'PreferDualStack'])
    // A PUT that leaves the policy out keeps it.
    const put = await api.put(`${path}/d`, service('d', { clusterIP: 'None', selector: {} }))
    assert.equal(put.body.spec?.ipFamilyPolicy, 'PreferDualStack')
  })

  it('keeps its addresses where one field of them is cleared', async () => {
    using api = await TestApi.start()
    const { spec } = (await make(api, 'a', { ports })).body
    for (const cleared of [{ clusterIP: null }, { clusterIPs: null }, { clusterIP: '' }]) {
      const { code, body, text } = await api.patch(`${path}/a`, { spec: cleared }, 'merge')
      assert.equal(code, 200, text)
      assert.deepEqual(body.spec, spec)
    }
  })

  it('gets an address when it becomes one that has one', async () => {
    using api = await TestApi.start()
    await make(api, 'a', { type: 'ExternalName', externalName: 'example.com' })
    const inside = { type: 'ClusterIP', externalName: null, ports }
    const { body, code, text } = await api.patch(`${path}/a`, { spec: inside }, 'merge')
    assert.equal(code, 200, text)
    assert.equal(body.spec?.clusterIP, '10.96.1.0')
  })

  const refused: readonly (readonly [string, object, string])[] = [
    ['no ports', {}, 'spec.ports: Required value'],
    [
      'a port that there is not',
      { ports: [{ port: 70_000 }] },
      'spec.ports[0].port: Invalid value: 70000: must be between 1 and 65535, inclusive',
    ],
    ['two ports without names', { ports: [{ port: 1 }, { port: 2, name: 'b' }] }, 'name: Required'],
    ['an unknown type', { ports, type: 'Cluster' }, 'spec.type: Unsupported value: "Cluster"'],
    [
      'an address elsewhere',
      { ports, clusterIP: '10.0.0.1' },
      'failed to allocate IP 10.0.0.1: the provided network does not match the current range',
    ],
    [
      'the address of all',
      { ports, clusterIP: '10.96.255.255' },
      'the provided IP (10.96.255.255) is not in the valid range. The range of valid IPs is 10.96.0.0/16',
    ],
    ['no address', { ports, clusterIP: 'x' }, 'spec.clusterIPs[0]: Invalid value: "x": must be a'],
    [
      'a port of the node that is out of range',
      { ports: [{ port: 80, nodePort: 80 }], type: 'NodePort' },
      'spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767',
    ],
    [
      'a port of the node without its type',
      { ports: [{ port: 80, nodePort: 30_000 }] },
      "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
    ],
    [
      'one port twice',
      {
        ports: [
          { port: 80, name: 'a' },
          { port: 80, name: 'b' },
        ],
      },
      'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}',
    ],
    [
      'one port of the nodes twice',
      {
        type: 'NodePort',
        ports: [
          { port: 80, name: 'a', nodePort: 30_001 },
          { port: 81, name: 'b', nodePort: 30_001 },
        ],
      },
      'spec.ports[1].nodePort: Duplicate value: 30001',
    ],
    [
      'a selector that no label fits',
      { ports, selector: { 'a b': 'x' } },
      'spec.selector: Invalid value: "a b": name part must consist of',
    ],
    [
      'too long an affinity',
      {
        ports,
        sessionAffinity: 'ClientIP',
        sessionAffinityConfig: { clientIP: { timeoutSeconds: 90_000 } },
      },
      'spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 90000: must be greater than 0 and less than 86400',
    ],
    [
      'no address outside',
      { ports, externalIPs: ['1.2.3.4', 'x'] },
      'spec.externalIPs[1]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ],
    [
      'an address outside that is inside',
      { ports, externalIPs: ['127.0.0.1'] },
      'spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
    ],
    ['no name outside', { type: 'ExternalName' }, 'spec.externalName: Required value'],
    [
      'a name outside that is none',
      { type: 'ExternalName', externalName: 'a_b' },
      'spec.externalName: Invalid value: "a_b": a lowercase RFC 1123 subdomain must',
    ],
    [
      'families of addresses that there are not',
      { ports, ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv4', 'IPv6'] },
      '[spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services, spec.ipFamilies[1]: Invalid value: "IPv6": not configured on this cluster]',
    ],
    [
      'two families without a policy for them',
      { ports, ipFamilies: ['IPv4', 'IPv6'] },
      `spec.ipFamilyPolicy: Invalid value: "SingleStack": must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified`,
    ],
    [
      'families and a policy that there are not',
      { ipFamilies: ['IPv5', 'IPv4', 'IPv4'], ipFamilyPolicy: 'X' },
      'invalid: [spec.ipFamilies[0]: Unsupported value: "IPv5": supported values: "IPv4", "IPv6", spec.ipFamilies[2]: Duplicate value: "IPv4", spec.ipFamilyPolicy: Unsupported value: "X": supported values: "PreferDualStack", "RequireDualStack", "SingleStack"]',
    ],
    [
      'an address of a family that there is not',
      { ports, clusterIP: 'fd00::1' },
      'spec.clusterIPs[0]: Invalid value: ["fd00::1"]: IPv6 is not configured on this cluster',
    ],
    [
      'an address of another family',
      { ports, clusterIP: 'fd00::1', ipFamilies: ['IPv4'] },
      'spec.clusterIPs[0]: Invalid value: "fd00::1": expected an IPv4 value as indicated by `ipFamilies[0]`',
    ],
    [
      'addresses and none that is the first',
      { ports, clusterIPs: ['10.96.0.9'] },
      'spec.clusterIPs: Invalid value: ["10.96.0.9"]: must be empty when `clusterIP` is not specified',
    ],
    [
      'two addresses of one family',
      { ports, clusterIP: '10.96.0.8', clusterIPs: ['10.96.0.8', '10.96.0.9'] },
      'spec.clusterIPs: Invalid value: ["10.96.0.8","10.96.0.9"]: may specify no more than one IP for each IP family',
    ],
    [
      'addresses beside none',
      { ports, clusterIP: 'None', clusterIPs: ['None', '10.96.0.9', 'x'] },
      `[spec.clusterIPs: Invalid value: ["None","10.96.0.9","x"]: 'None' must be the first and only value, spec.clusterIPs[2]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff), spec.clusterIPs: Invalid value: ["None","10.96.0.9","x"]: may only hold up to 2 values]`,
    ],
    [
      'families outside',
      { type: 'ExternalName', externalName: 'a.b', clusterIP: '10.96.0.9', ipFamilies: ['IPv4'] },
      'may not be set for ExternalName services',
    ],
    [
      'what only load balancers have',
      {
        ports,
        loadBalancerSourceRanges: [' 10.0.0.0/8', 'x'],
        loadBalancerClass: 'a/b',
        allocateLoadBalancerNodePorts: false,
        healthCheckNodePort: 30_000,
      },
      "[spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer', spec.LoadBalancerSourceRanges[1]: Invalid value: \"x\": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64), spec.allocateLoadBalancerNodePorts: Forbidden: may only be used when `type` is 'LoadBalancer', spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer', spec.healthCheckNodePort: Invalid value: 30000: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local']",
    ],
    [
      'what is for those outside, of which it has none',
      { ports, externalTrafficPolicy: 'Local' },
      'spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services',
    ],
    [
      'ways that there are not',
      {
        ports,
        internalTrafficPolicy: 'X',
        trafficDistribution: 'Y',
        externalIPs: ['1.2.3.4'],
        externalTrafficPolicy: 'Z',
      },
      '[spec.externalTrafficPolicy: Unsupported value: "Z": supported values: "Cluster", "Local", spec.internalTrafficPolicy: Unsupported value: "X": supported values: "Cluster", "Local", spec.trafficDistribution: Unsupported value: "Y": supported values: "PreferClose", "PreferSameZone", "PreferSameNode"]',
    ],
  ]
  for (const [what, spec, says] of refused) {
    it(`is refused with ${what}`, async () => {
      using api = await TestApi.start()
      const { code, body } = await make(api, 'a', spec)
      assert.equal(code, 422)
      assert.ok(textOf(body.message).includes(says), textOf(body.message))
    })
  }

  it('is told the range of addresses before 1.33', async () => {
    using api = await TestApi.start({ kubeVersion: '1.32' })
    const { body } = await make(api, 'a', { ports, clusterIP: '10.0.0.1' })
    assert.match(textOf(body.message), /The range of valid IPs is 10\.96\.0\.0\/16$/)
  })

  it('cannot move to another address', async () => {
    using api = await TestApi.start()
    await make(api, 'a', { ports })
    const clusterIP = '10.96.0.9'
    for (const spec of [{ clusterIP }, { clusterIP, clusterIPs: [clusterIP] }]) {
      const { code, body } = await api.patch(`${path}/a`, { spec }, 'merge')
      assert.equal(code, 422)
      assert.equal(
        body.message,
        'Service "a" is invalid: spec.clusterIPs[0]: Invalid value: ["10.96.0.9"]: may not change once set',
      )
    }
  })

  it('has a port where its load balancers ask for its health, and only as long as they do', async () => {
    using api = await TestApi.start()
    const balanced = {
      type: 'LoadBalancer',
      loadBalancerClass: 'a/b',
      externalTrafficPolicy: 'Local',
    }
    const made = await make(api, 'a', { ports, ...balanced })
    const { spec } = made.body
    const opened = [listOf(spec?.ports)[0]?.nodePort, spec?.healthCheckNodePort]
    assert.deepEqual(opened, [30_000, 30_001])
    const put = await api.put(`${path}/a`, service('a', { ports, ...balanced }))
    assert.equal(put.body.spec?.healthCheckNodePort, 30_001)
    const fixed = { loadBalancerClass: 'c/d', healthCheckNodePort: 30_002 }
    const changed = await api.patch(`${path}/a`, { spec: fixed }, 'merge')
    assert.equal(
      changed.body.message,
      'Service "a" is invalid: [spec.loadBalancerClass: Invalid value: "c/d": may not change once set, spec.healthCheckNodePort: Forbidden: field is immutable]',
    )
    const inside = await api.patch(`${path}/a`, { spec: { type: 'ClusterIP' } }, 'merge')
    assert.equal(inside.code, 200, inside.text)
    const { clusterIP, clusterIPs, ...left } = inside.body.spec ?? {}
    assert.deepEqual(left, {
      ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
      type: 'ClusterIP',
      sessionAffinity: 'None',
      internalTrafficPolicy: 'Cluster',
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
    })
    assert.deepEqual(clusterIPs, [clusterIP])
  })
})

describe('the service kubernetes', () => {
  it('comes again when it was deleted, at the same address', async () => {
    using api = await TestApi.start()
    const { body } = await api.get(`${path}/kubernetes`)
    const watch = await api.watch(`${path}?watch=true`)
    await api.delete(`${path}/kubernetes`)
    const seen = ['ADDED kubernetes', 'DELETED kubernetes', 'ADDED kubernetes']
    assert.deepEqual(await watch.take(3), seen)
    await watch.cancel()
    assert.deepEqual((await api.get(`${path}/kubernetes`)).body.spec, body.spec)
  })
})

describe('a quota of services', () => {
  const quotas = '/api/v1/namespaces/default/resourcequotas'
  const quota = (hard: object) => ({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'q' },
    spec: { hard },
  })

  it('counts them, their load balancers and their ports of the nodes', async () => {
    using api = await TestApi.start()
    const hard = { services: '4', 'services.loadbalancers': '1', 'services.nodeports': '2' }
    assert.equal((await api.post(quotas, quota({ ...hard, 'count/services': '4' }))).code, 201)
    await make(api, 'a', { ports, type: 'LoadBalancer' })
    const { body } = await api.get(`${quotas}/q`)
    const used = { services: '2', 'services.loadbalancers': '1', 'services.nodeports': '1' }
    assert.deepEqual(body.status?.used, { ...used, 'count/services': '2' })
    const second = await make(api, 'b', { ports, type: 'LoadBalancer' })
    assert.equal(
      second.body.message,
      'services "b" is forbidden: exceeded quota: q, requested: services.loadbalancers=1, used: services.loadbalancers=1, limited: services.loadbalancers=1',
    )
    await make(api, 'c', { ports })
    const opened = { ports: [...ports, { port: 81, name: 'b' }], type: 'NodePort' }
    const wider = await api.patch(`${path}/c`, { spec: opened }, 'merge')
    assert.equal(wider.code, 422, wider.text)
    const named = opened.ports.map((port, index) => ({ ...port, name: `p${index}` }))
    const more = await api.patch(`${path}/c`, { spec: { ...opened, ports: named } }, 'merge')
    assert.equal(more.code, 403)
    assert.match(textOf(more.body.message), /requested: services.nodeports=2, used: .*=1, limited/)
  })

  it('names what there is to count', async () => {
    using api = await TestApi.start()
    const { code, body } = await api.post(quotas, quota({ serviceaccounts: '1' }))
    assert.equal(code, 422)
    assert.equal(
      body.message,
      'ResourceQuota "q" is invalid: [spec.hard[serviceaccounts]: Invalid value: "serviceaccounts": must be a standard resource type or fully qualified, spec.hard[serviceaccounts]: Invalid value: "serviceaccounts": must be a standard resource for quotas]',
    )
    const half = await api.post(quotas, quota({ pods: '1500m' }))
    assert.match(textOf(half.body.message), /spec.hard\[pods\]: Invalid value: "1500m": must be an/)
    const others = { 'count/leases.coordination.k8s.io': '1', 'requests.example.com/gpu': '1' }
    assert.equal((await api.post(quotas, quota(others))).code, 201)
  })
})
