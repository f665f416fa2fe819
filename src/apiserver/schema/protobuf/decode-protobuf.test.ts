import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { encodeProtobuf } from '../../../../test/apiserver/protobuf-encoder.ts'
import { objectOf } from '../../../../test/apiserver/random-object.ts'
import { decodeObject } from '../decode.ts'
import type { DecodeTarget } from '../decode-target.ts'
import { objectType } from '../object-type.ts'
import { decodeProtobuf, parseProtobuf } from './decode-protobuf.ts'

function targetOf(typeName: string, apiVersion: string): DecodeTarget {
  return { type: objectType(typeName), apiVersion, kind: typeName.replace(/^.*\./, '') }
}

/** Everything that kubectl and client-go may send in protobuf. */
const targets = [
  ...['Pod', 'Node', 'Namespace', 'ConfigMap', 'Secret', 'ServiceAccount', 'Service', 'Event'].map(
    (kind) => targetOf(`core/v1.${kind}`, 'v1'),
  ),
  ...['ResourceQuota', 'LimitRange', 'Binding'].map((kind) => targetOf(`core/v1.${kind}`, 'v1')),
  targetOf('coordination/v1.Lease', 'coordination.k8s.io/v1'),
  targetOf('events/v1.Event', 'events.k8s.io/v1'),
  targetOf('scheduling/v1.PriorityClass', 'scheduling.k8s.io/v1'),
  targetOf('policy/v1.Eviction', 'policy/v1'),
  targetOf('meta/v1.DeleteOptions', 'v1'),
  ...['TokenRequest', 'TokenReview', 'SelfSubjectReview'].map((kind) =>
    targetOf(`authentication/v1.${kind}`, 'authentication.k8s.io/v1'),
  ),
  ...['SelfSubjectAccessReview', 'SubjectAccessReview', 'SelfSubjectRulesReview'].map((kind) =>
    targetOf(`authorization/v1.${kind}`, 'authorization.k8s.io/v1'),
  ),
]

const body = fc.constantFrom(...targets).chain((target) =>
  objectOf(target.type.name, 7).map((fields) => {
    const object = { ...fields, apiVersion: target.apiVersion, kind: target.kind }
    return { target, object }
  }),
)

describe('a protobuf body', () => {
  test('says what the same object in JSON says', () => {
    fc.assert(
      fc.property(body, ({ target, object }) => {
        const decoded = decodeProtobuf(encodeProtobuf(object, target.type.name), target)
        assert.deepEqual(decoded, decodeObject(object, target))
      }),
      { numRuns: 500 },
    )
  })

  test('that is cut off or damaged is refused or read, and never more than that', () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 })
    fc.assert(
      fc.property(body, fc.nat(), damage, ({ target, object }, cut, changes) => {
        const bytes = encodeProtobuf(object, target.type.name)
        for (const [at, value] of changes) bytes[4 + (at % (bytes.length - 4))] = value
        const { kind } = decodeProtobuf(bytes.subarray(0, 4 + (cut % bytes.length)), target)
        assert.ok(kind === 'decoded' || kind === 'invalid')
      }),
      { numRuns: 500 },
    )
  })

  test('of noise is refused or read', () => {
    const target = targetOf('core/v1.Pod', 'v1')
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (noise) => {
        decodeProtobuf(noise, target)
        decodeProtobuf(Buffer.concat([Buffer.from('k8s\0'), noise]), target)
      }),
      { numRuns: 500 },
    )
  })

  test('without the prefix says so', () => {
    const decoded = decodeProtobuf(Buffer.from('{}'), targetOf('core/v1.Pod', 'v1'))
    assert.equal(decoded.kind, 'invalid')
    assert.match(
      decoded.message,
      /^Pod in version "v1" cannot be handled as a Pod: provided data does not appear to be a protobuf message/,
    )
  })

  test('of another kind is refused', () => {
    const bytes = encodeProtobuf({ apiVersion: 'v1', kind: 'Pod' }, 'core/v1.Pod')
    const decoded = decodeProtobuf(bytes, targetOf('core/v1.Secret', 'v1'))
    assert.equal(decoded.kind, 'invalid')
    assert.match(decoded.message, /^Pod in version "v1" cannot be handled as a Secret/)
  })

  test('may come in pieces, with fields of a later version and numbers in packs', () => {
    // PodSecurityContext.supplementalGroups is 4: once packed, once not, around an unknown field 100.
    const groups = [0x22, 0x02, 0x01, 0x02, 0xa0, 0x06, 0x07, 0x20, 0x03]
    const first = [0x12, 2 + groups.length, 0x72, groups.length, ...groups]
    const second = [0x12, 0x02, 0x58, 0x01]
    const raw = [...first, ...second]
    const envelope = [0x12, raw.length, ...raw]
    assert.deepEqual(
      parseProtobuf(Buffer.from([...Buffer.from('k8s\0'), ...envelope]), 'core/v1.Pod'),
      {
        kind: 'parsed',
        value: {
          spec: { securityContext: { supplementalGroups: [1, 2, 3] }, hostNetwork: true },
        },
      },
    )
  })

  test('costs no more than its size, however it is made', () => {
    // Half a million empty containers.
    const spec = Buffer.alloc(1_000_000).fill(Buffer.from([0x12, 0x00]))
    const length = (bytes: number) => [
      (bytes & 0x7f) | 0x80,
      ((bytes >> 7) & 0x7f) | 0x80,
      (bytes >> 14) & 0x7f,
    ]
    const raw = Buffer.concat([Buffer.from([0x12, ...length(spec.length)]), spec])
    const envelope = Buffer.concat([Buffer.from([0x12, ...length(raw.length)]), raw])
    const started = performance.now()
    parseProtobuf(Buffer.concat([Buffer.from('k8s\0'), envelope]), 'core/v1.Pod')
    assert.ok(performance.now() - started < 2000)
  })
})
