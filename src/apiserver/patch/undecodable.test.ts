import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeObject } from '../schema/decode.ts'
import type { JsonObject } from '../schema/json-value.ts'
import { objectType } from '../schema/object-type.ts'
import { goMapText } from './go-map-text.ts'
import { patchTypes } from './patch-types.ts'
import { undecodablePatch } from './undecodable.ts'

const patch = { spec: { containers: [{ name: 'a', tty: null, ports: [5] }], a: true } }

test('a value as Go prints it', () => {
  assert.equal(
    goMapText(patch),
    'map[spec:map[a:true containers:[map[name:a ports:[5] tty:<nil>]]]]',
  )
})

test('quotes a strategic merge patch', () => {
  const result = undecodablePatch(patchTypes.strategic, { a: 'b' }, {}, 'unrecognized type: int32')
  const message = 'Invalid value: "map[a:b]": unrecognized type: int32'
  assert.deepEqual(result, {
    kind: 'invalid',
    code: 422,
    message: ` "" is invalid: patch: ${message}`,
    causes: [{ reason: 'FieldValueInvalid', message, field: 'patch' }],
  })
})

test('quotes the object that another patch gives', () => {
  const result = undecodablePatch(patchTypes.merge, {}, { a: 'b' }, 'why')
  assert.equal(result.message, ' "" is invalid: patch: Invalid value: "{\\"a\\":\\"b\\"}": why')
})

const pod = { type: objectType('core/v1.Pod'), apiVersion: 'v1', kind: 'Pod' }
const cases: readonly (readonly [JsonObject, string])[] = [
  [{ spec: 'x' }, 'cannot restore struct from: string'],
  [{ spec: { containers: {} } }, 'cannot restore slice from map'],
  [{ metadata: { labels: [] } }, 'cannot restore map from slice'],
  [{ spec: { nodeName: 5 } }, 'cannot convert int64 to string'],
  [{ spec: { nodeName: 5.5 } }, 'unrecognized type: string'],
  [{ spec: { nodeName: true } }, 'unrecognized type: string'],
  [{ spec: { hostNetwork: 'x' } }, 'unrecognized type: bool'],
  [{ spec: { priority: 'x' } }, 'unrecognized type: int32'],
  [{ spec: { priority: 1.5 } }, 'cannot convert float64 to int32'],
  [
    { spec: { overhead: { cpu: 'x' } } },
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  ],
]
for (const [object, wanted] of cases) {
  test(`${JSON.stringify(object)}: ${wanted}`, () => {
    const decoded = decodeObject(object, pod)
    assert.equal(decoded.kind === 'invalid' && decoded.patchMessage, wanted)
  })
}
