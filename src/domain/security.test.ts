import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Container, PodSpec } from './pod.ts'
import { dnsOf } from './lifecycle/dns.ts'
import { hostsFile } from './lifecycle/hosts-file.ts'
import { identityOf, rootRefusal, seccompOf } from './security.ts'

const container: Container = { name: 'c' }
const spec = (part: Partial<PodSpec> = {}): PodSpec => ({ containers: [container], ...part })

describe('identityOf', () => {
  test("the container's own before the pod's; groups of the pod for all", () => {
    const pod = spec({
      securityContext: { runAsUser: 1, runAsGroup: 2, fsGroup: 3, supplementalGroups: [4] },
    })
    assert.deepEqual(identityOf(pod, { name: 'c', securityContext: { runAsUser: 9 } }), {
      runAsUser: 9,
      runAsGroup: 2,
      supplementalGroups: [4, 3],
    })
    assert.deepEqual(identityOf(spec()), {})
  })
})

describe('rootRefusal', () => {
  const cases: readonly [Container['securityContext'], object, RegExp | undefined][] = [
    [{}, {}, undefined],
    [{ runAsNonRoot: true }, {}, /image will run as root/],
    [{ runAsNonRoot: true }, { uid: 0 }, /image will run as root/],
    [{ runAsNonRoot: true }, { uid: 5 }, undefined],
    [{ runAsNonRoot: true }, { username: 'web' }, /non-numeric user \(web\)/],
    [{ runAsNonRoot: true, runAsUser: 0 }, { uid: 5 }, /breaks non-root policy/],
    [{ runAsNonRoot: true, runAsUser: 7 }, {}, undefined],
  ]
  for (const [securityContext = {}, image, expected] of cases) {
    test(`${JSON.stringify(securityContext)} with image ${JSON.stringify(image)}`, () => {
      const pod = { metadata: { name: 'p' }, spec: spec() }
      const refused = rootRefusal(pod, { name: 'c', securityContext }, image)
      if (expected === undefined) assert.equal(refused, undefined)
      else assert.match(String(refused), expected)
    })
  }
})

test('seccompOf', () => {
  assert.deepEqual(seccompOf(undefined, '/p'), { kind: 'unconfined' })
  assert.deepEqual(seccompOf({ type: 'RuntimeDefault' }, '/p'), { kind: 'runtimeDefault' })
  assert.deepEqual(seccompOf({ type: 'Localhost', localhostProfile: 'a.json' }, '/p'), {
    kind: 'localhost',
    ref: '/p/a.json',
  })
})

describe('dnsOf', () => {
  const node = 'nameserver 1.1.1.1\nsearch a b\noptions ndots:5 rotate\n'

  test("the node's own is nobody's business", () => {
    assert.equal(dnsOf(spec({ dnsPolicy: 'ClusterFirst' }), node), undefined)
  })

  test('additions come after, and options are replaced by name', () => {
    const dnsConfig = {
      nameservers: ['2.2.2.2', '1.1.1.1'],
      searches: ['c'],
      options: [{ name: 'ndots', value: '2' }, { name: 'debug' }],
    }
    assert.deepEqual(dnsOf(spec({ dnsPolicy: 'Default', dnsConfig }), node), {
      servers: ['1.1.1.1', '2.2.2.2'],
      searches: ['a', 'b', 'c'],
      options: ['rotate', 'ndots:2', 'debug'],
    })
    assert.deepEqual(dnsOf(spec({ dnsPolicy: 'None', dnsConfig }), node)?.searches, ['c'])
  })
})

test('hostsFile names the pod and its aliases', () => {
  const hostAliases = [{ ip: '1.2.3.4', hostnames: ['a', 'b'] }]
  const own = { hostname: 'web', ips: ['10.0.0.2'], nodeFile: '127.0.0.1 node\n' }
  const text = hostsFile(spec({ hostAliases }), own)
  assert.match(text, /^10\.0\.0\.2\tweb$/m)
  assert.match(text, /^1\.2\.3\.4\ta\tb$/m)
  assert.match(hostsFile(spec({ hostNetwork: true }), own), /^127\.0\.0\.1 node$/m)
})
