import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { cpuMsOf } from '../../../test/support/cpu-time.ts'
import * as fc from 'fast-check'
import { mergePatch } from '../patch/merge-patch.ts'
import { decodeObject, decodeParsed } from './decode.ts'
import type { DecodeTarget } from './decode-target.ts'
import { parseBody, type BodyFormat } from './parse-body.ts'
import { strictErrors } from './strict-errors.ts'
import type { JsonObject } from './json-value.ts'
import { objectType } from './object-type.ts'

const pod: DecodeTarget = { type: objectType('core/v1.Pod'), apiVersion: 'v1', kind: 'Pod' }
const secret: DecodeTarget = {
  type: objectType('core/v1.Secret'),
  apiVersion: 'v1',
  kind: 'Secret',
}

const lease: DecodeTarget = {
  type: objectType('coordination/v1.Lease'),
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
}

function decodeText(text: string, format: BodyFormat, target: DecodeTarget) {
  return decodeParsed(text, parseBody(text, format), target)
}

function decoded(body: unknown, target = pod) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const result = decodeText(text, 'json', target)
  return result.kind === 'decoded' ? result : assert.fail(result.message)
}

function refusal(body: unknown, target = pod): string {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const result = decodeText(text, 'json', target)
  return result.kind === 'invalid' ? result.message : assert.fail('was decoded')
}

function container(fields: object): object {
  return { spec: { containers: [{ name: 'c', ...fields }] } }
}

describe('a body', () => {
  test('without a kind gets the one of its place', () => {
    assert.deepEqual(decoded({}).object, { apiVersion: 'v1', kind: 'Pod' })
  })

  test('keeps nothing that says nothing', () => {
    const { object } = decoded({
      metadata: { name: 'x', creationTimestamp: null, labels: {}, generation: 0 },
      spec: {
        hostNetwork: false,
        automountServiceAccountToken: false,
        volumes: [{ name: 'v', emptyDir: {} }],
        containers: [{ name: 'c', tty: false, args: [], env: [{ name: 'A', value: '' }] }],
        tolerations: [],
      },
      status: { containerStatuses: [{ ready: false, restartCount: 0, started: false }] },
    })
    assert.deepEqual(object, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'x' },
      spec: {
        automountServiceAccountToken: false,
        volumes: [{ name: 'v', emptyDir: {} }],
        containers: [{ name: 'c', env: [{ name: 'A' }] }],
      },
      status: { containerStatuses: [{ ready: false, restartCount: 0, started: false }] },
    })
  })

  test('has canonical quantities, rounded up to thousandths in resource lists', () => {
    const limits = { cpu: 0.5, memory: '1024Mi', 'example.com/a': '1e3', b: '0.0001' }
    const { object } = decoded({
      spec: {
        containers: [{ name: 'c', resources: { limits, requests: { cpu: 2 } } }],
        volumes: [{ name: 'v', emptyDir: { sizeLimit: '2048Ki' } }],
      },
    })
    const { spec } = object as unknown as {
      spec: { containers: [{ resources: unknown }]; volumes: [{ emptyDir: unknown }] }
    }
    assert.deepEqual(spec.containers[0].resources, {
      limits: { cpu: '500m', memory: '1Gi', 'example.com/a': '1e3', b: '1m' },
      requests: { cpu: '2' },
    })
    assert.deepEqual(spec.volumes[0].emptyDir, { sizeLimit: '2Mi' })
  })

  test('has times in UTC', () => {
    const { object } = decoded(
      {
        metadata: { creationTimestamp: '2026-01-02T03:04:05.678+02:00' },
        spec: { renewTime: '2026-01-02T03:04:05.500000-01:00' },
      },
      lease,
    )
    assert.deepEqual(object['metadata'], { creationTimestamp: '2026-01-02T01:04:05Z' })
    assert.deepEqual(object['spec'], { renewTime: '2026-01-02T04:04:05.500000Z' })
  })

  test('has microseconds where they belong, and no other part of a second', () => {
    const layout = '2006-01-02T15:04:05.000000Z07:00'
    const cases = [
      ['2026-01-02T03:04:05Z', 'Z', '.000000'],
      ['2026-01-02T03:04:05.678Z', '.678Z', '.000000'],
      ['2026-01-02T03:04:05.123456789Z', '789Z', 'Z07:00'],
    ] as const
    for (const [renewTime, rest, part] of cases) {
      const result = decodeText(JSON.stringify({ spec: { renewTime } }), 'json', lease)
      const why = `parsing time "${renewTime}" as "${layout}": cannot parse "${rest}" as "${part}"`
      const { message } = result.kind === 'invalid' ? result : assert.fail()
      assert.equal(message, `Lease in version "v1" cannot be handled as a Lease: ${why}`)
    }
  })

  test('tells unknown and repeated fields by their paths', () => {
    const result = decoded(
      '{"foo":1,"metadata":{"name":"a","labels":{"x":"1","x":"2"}},"spec":{"containers":[{"name":"c","image":"a","image":"b","bar":{"q":1,"q":2}}]}}',
    )
    assert.deepEqual(strictErrors(result), [
      'unknown field "foo"',
      'unknown field "spec.containers[0].bar"',
      'duplicate field "metadata.labels.x"',
      'duplicate field "spec.containers[0].image"',
    ])
    assert.deepEqual(result.object['spec'], { containers: [{ name: 'c', image: 'b' }] })
  })

  test('is judged in little time however many keys it repeats, and however long they are', () => {
    const twice = Array.from({ length: 50_000 }, (_, index) => `"a${index}":1,"a${index}":2`)
    const inner = `"${'k'.repeat(500_000)}":{${twice.join(',')}}`
    const ms = cpuMsOf(() => {
      assert.equal(strictErrors(decoded(`{${twice.join(',')}}`)).length, 100)
      assert.equal(strictErrors(decoded(`{"metadata":{${inner}}}`)).length, 1)
    })
    assert.ok(ms < 5000, `${ms} ms`)
  })

  test('is judged in little time where a quantity is a million digits', () => {
    const cpu = `${'1'.repeat(1_000_000)}x`
    const ms = cpuMsOf(() => refusal(container({ resources: { limits: { cpu } } })))
    assert.ok(ms < 1000, `${ms} ms`)
  })

  test('may have keys that look like others inside texts', () => {
    const text = '{"metadata":{"annotations":{"a\\"b\\\\":"{\\"a\\":1,\\"a\\":2}", "c" : "d"}}}'
    assert.deepEqual(strictErrors(decoded(text)), [])
  })

  test('knows fields of 1.36', () => {
    const result = decoded({
      spec: {
        resources: { requests: { cpu: '1' } },
        containers: [{ name: 'c', resizePolicy: [] }],
      },
      status: { observedGeneration: 2, allocatedResources: { cpu: '1' } },
    })
    assert.deepEqual(result.unknownFields, [])
  })

  test('never changes a prototype', () => {
    const { object, unknownFields } = decoded(
      '{"metadata":{"labels":{"__proto__":"x"}},"__proto__":{"a":1}}',
    )
    assert.deepEqual(unknownFields, ['__proto__'])
    assert.equal(Object.getPrototypeOf(object), Object.prototype)
    const { labels } = object['metadata'] as { labels: object }
    assert.deepEqual(Object.keys(labels), ['__proto__'])
  })
})

describe('a body that is refused', () => {
  const cannot = 'Pod in version "v1" cannot be handled as a Pod: '
  const field = 'json: cannot unmarshal'
  const quantity =
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
  const cases: readonly (readonly [unknown, string])[] = [
    [{ spec: 5 }, `${cannot}${field} number into Go struct field Pod.spec of type v1.PodSpec`],
    [
      { spec: { containers: 'x' } },
      `${cannot}${field} string into Go struct field PodSpec.spec.containers of type []v1.Container`,
    ],
    [
      { spec: { containers: ['x'] } },
      `${cannot}${field} string into Go struct field PodSpec.spec.containers of type v1.Container`,
    ],
    [
      container({ image: 1.5 }),
      `${cannot}${field} number into Go struct field Container.spec.containers.image of type string`,
    ],
    [
      container({ args: [true] }),
      `${cannot}${field} bool into Go struct field Container.spec.containers.args of type string`,
    ],
    [
      container({ tty: 'yes' }),
      `${cannot}${field} string into Go struct field Container.spec.containers.tty of type bool`,
    ],
    [
      container({ ports: [{ containerPort: 80.5 }] }),
      `${cannot}${field} number 80.5 into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32`,
    ],
    [
      container({ ports: [{ containerPort: 3_000_000_000 }] }),
      `${cannot}${field} number 3000000000 into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32`,
    ],
    [
      container({ resources: { limits: [] } }),
      `${cannot}${field} array into Go struct field ResourceRequirements.spec.containers.resources.limits of type v1.ResourceList`,
    ],
    [
      { metadata: { labels: { a: {} } } },
      `${cannot}${field} object into Go struct field ObjectMeta.metadata.labels of type string`,
    ],
    [
      container({ livenessProbe: { tcpSocket: { port: true } } }),
      `${cannot}${field} bool into Go value of type int32`,
    ],
    [container({ resources: { limits: { cpu: 'lots' } } }), `${cannot}${quantity}`],
    [container({ resources: { limits: { cpu: '1 2' } } }), `${cannot}${quantity}`],
    [container({ resources: { limits: { cpu: {} } } }), `${cannot}${quantity}`],
    [
      container({ resources: { limits: { cpu: '1Mm' } } }),
      `${cannot}unable to parse quantity's suffix`,
    ],
    [
      { kind: 'Service' },
      'Service in version "v1" cannot be handled as a Pod: converting (v1.Service) to (core.Pod): unknown conversion',
    ],
    [
      { kind: 'pod' },
      'pod in version "v1" cannot be handled as a Pod: no kind "pod" is registered for version "v1" in scheme "pkg/api/legacyscheme/scheme.go:30"',
    ],
    [
      { apiVersion: 'apps/v2' },
      'Pod in version "v2" cannot be handled as a Pod: no kind "Pod" is registered for version "apps/v2" in scheme "pkg/api/legacyscheme/scheme.go:30"',
    ],
    [
      { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' },
      'Lease in version "v1" cannot be handled as a Pod: converting (v1.Lease) to (core.Pod): unknown conversion',
    ],
  ]
  for (const [body, message] of cases) {
    test(JSON.stringify(body), () => assert.equal(refusal(body), message))
  }

  test('no JSON, and no object, in the words of Go', () => {
    const unread = 'the object provided is unrecognized (must be of type Pod): '
    const why = "couldn't get version/kind; json parse error: "
    const cases = {
      '{"a":}': 'invalid character \'}\' looking for beginning of value ({"a":})',
      '[]': 'json: cannot unmarshal array into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" } (5b5d)',
    }
    for (const [text, told] of Object.entries(cases)) {
      assert.equal(refusal(text), `${unread}${why}${told}`)
    }
  })

  for (const text of ['', '{', '[]', '"x"', '{"a":}', '['.repeat(5e4)]) {
    test(`no object: ${text.slice(0, 20)}`, () => {
      assert.match(refusal(text), /^the object provided is unrecognized \(must be of type Pod\)/)
    })
  }

  test('of a kind that is no name', () => {
    const unread =
      "the object provided is unrecognized (must be of type Pod): couldn't get version/"
    const text = '{"kind":5,"apiVersion":"v1"}'
    const why = 'json: cannot unmarshal number into Go struct field .kind of type string'
    assert.equal(refusal(text), `${unread}kind; json parse error: ${why} (${text})`)
  })

  test('nested too deep', () => {
    const depth = 1e5
    const text = `{"metadata":{"annotations":${'{"a":'.repeat(depth)}1${'}'.repeat(depth + 2)}`
    assert.match(refusal(text), /exceeded max depth/)
  })

  test('of more objects than anything has', () => {
    const spec = (volumes: number) => ({
      spec: { volumes: Array.from({ length: volumes }, () => ({})) },
    })
    decoded(spec(10_000), pod)
    assert.equal(
      refusal(spec(50_000)),
      'Pod in version "v1" cannot be handled as a Pod: there are more than 50000 objects in it',
    )
  })

  test('base64 that is none', () => {
    assert.equal(
      refusal({ data: { a: 'YWJj$' } }, secret),
      'Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte 4',
    )
    assert.deepEqual(decoded({ data: { a: 'YWJj\nZA==' } }, secret).object['data'], {
      a: 'YWJjZA==',
    })
  })
})

describe('a body that says nothing', () => {
  for (const [text, format] of [
    ['null', 'json'],
    ['~', 'yaml'],
    ['# nothing', 'yaml'],
  ] as const) {
    test(`is an object with nothing in it: ${text}`, () => {
      const result = decodeText(text, format, pod)
      assert.deepEqual(result.kind === 'decoded' && Object.keys(result.object), [
        'apiVersion',
        'kind',
      ])
    })
  }
})

describe('a YAML body', () => {
  test('is read as JSON would be', () => {
    const text = `
metadata: {name: x}
spec:
  containers:
  - name: c
    name: d
    image: "1"
    tty: yes
    foo: 1
    resources: {limits: {cpu: 0.5}}
  volumes:
  - name: v
    secret: {secretName: s, defaultMode: 0644}
`
    const result = decodeText(text, 'yaml', pod)
    assert.equal(result.kind, 'decoded', JSON.stringify(result))
    if (result.kind !== 'decoded') return
    assert.deepEqual(strictErrors(result), [
      'yaml: unmarshal errors:\n  line 6: key "name" already set in map',
      'unknown field "spec.containers[0].foo"',
    ])
    assert.deepEqual(result.object['spec'], {
      containers: [{ name: 'd', image: '1', tty: true, resources: { limits: { cpu: '500m' } } }],
      volumes: [{ name: 'v', secret: { secretName: 's', defaultMode: 420 } }],
    })
  })

  const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]']
  for (const [name, before] of ['ba', 'cb', 'dc', 'ed', 'fe', 'gf', 'hg']) {
    bomb.push(`${name}: &${name} [${Array(9).fill(`*${before}`).join(',')}]`)
  }
  const refused = [
    ...['a: [', 'a: *b', bomb.join('\n'), '['.repeat(2e4)].map((text) => [text, 'yaml: '] as const),
    ['a: 1\n\tb: 2', 'yaml: line 2: found character that cannot start any token'],
    ['a: &x [*x]', 'yaml: an anchor contains itself'],
    ...['- 1', '\u0000'].map(
      (text) => [text, "couldn't get version/kind; json parse error: json: "] as const,
    ),
  ]
  for (const [text, why] of refused) {
    test(`that is refused: ${JSON.stringify(text.slice(0, 20))}`, () => {
      const decoded = decodeText(text, 'yaml', pod)
      const { message } = decoded.kind === 'invalid' ? decoded : assert.fail()
      const unread = 'the object provided is unrecognized (must be of type Pod): '
      assert.ok(message.startsWith(`${unread}${why}`), message)
    })
  }
})

describe('whatever comes', () => {
  const key = fc.constantFrom(
    'metadata',
    'spec',
    'status',
    'containers',
    'name',
    'resources',
    'limits',
    'cpu',
    'labels',
    'kind',
    'ports',
    'conditions',
    'startTime',
    '__proto__',
  )
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom(null, 1, 1.5, '', 'Pod', '500m', true, -1e300),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(key, tie('tree'), { maxKeys: 4 }),
    ),
  }))

  test('decoding gives a value, and the same one the second time', () => {
    fc.assert(
      fc.property(fc.dictionary(key, tree), (body) => {
        const before = JSON.stringify(body)
        const first = decodeObject(body as JsonObject, pod)
        assert.equal(JSON.stringify(body), before)
        if (first.kind === 'invalid') return
        assert.deepEqual(decodeObject(first.object, pod), { ...first, unknownFields: [] })
      }),
      { numRuns: 2000 },
    )
  })

  test('what a patch leaves as it was needs no second look', () => {
    fc.assert(
      fc.property(fc.dictionary(key, tree), fc.dictionary(key, tree), (body, patch) => {
        const first = decodeObject(body as JsonObject, pod)
        if (first.kind === 'invalid') return
        const patched = mergePatch(first.object, patch as JsonObject) as JsonObject
        assert.deepEqual(decodeObject(patched, pod, first.object), decodeObject(patched, pod))
      }),
      { numRuns: 2000 },
    )
    const stored = container({ resources: { limits: { cpu: '1000m' } } }) as JsonObject
    const labelled = { ...stored, metadata: { labels: { a: 'b' } } }
    const result = decodeObject(labelled, pod, stored)
    assert.ok(result.kind === 'decoded' && result.object['spec'] === stored['spec'])
  })

  test('broken texts are values', () => {
    const whole = JSON.stringify(container({ image: 'x', resources: { limits: { cpu: '1' } } }))
    const cut = fc.tuple(fc.nat(whole.length), fc.string()).map(([at, rest]) => {
      return whole.slice(0, at) + rest
    })
    fc.assert(
      fc.property(fc.oneof(cut, fc.string()), fc.constantFrom('json', 'yaml'), (text, format) => {
        decodeText(text, format, pod)
      }),
      { numRuns: 2000 },
    )
  })
})
