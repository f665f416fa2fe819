import * as fc from 'fast-check'
import type { JsonObject, JsonValue } from '../../src/apiserver/schema/json-value.ts'
import {
  objectType,
  type FieldType,
  type ScalarName,
} from '../../src/apiserver/schema/object-type.ts'
import {
  messageFields,
  type MessageFields,
} from '../../src/apiserver/schema/protobuf/message-fields.ts'

const instant = fc
  .date({ min: new Date('1971-01-01'), max: new Date('2200-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString())

const scalars: Readonly<Record<ScalarName, fc.Arbitrary<JsonValue>>> = {
  any: fc.constantFrom({ 'f:spec': {} }, { 'f:metadata': { 'f:labels': { '.': {} } } }),
  bool: fc.boolean(),
  bytes: fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes).toString('base64')),
  double: fc.double({ noNaN: true, noDefaultInfinity: true }),
  int32: fc.integer(),
  int64: fc.maxSafeInteger(),
  intOrString: fc.oneof(fc.integer(), fc.string({ unit: 'binary' })),
  microTime: instant.map((text) => text.replace('Z', '123Z')),
  quantity: fc.constantFrom('0', '100m', '1', '1500m', '64Mi', '1Gi', '2k', '-3'),
  string: fc.string({ unit: 'binary' }),
  time: instant.map((text) => text.replace(/\.\d+/, '')),
}

/** Never an empty list or map: protobuf has no word for them. */
function valueOf(type: FieldType, depth: number): fc.Arbitrary<JsonValue> {
  switch (type.kind) {
    case 'scalar':
      return scalars[type.name]
    case 'list':
      return fc.array(valueOf(type.items, depth), { minLength: 1, maxLength: 2 })
    case 'map':
      return fc.dictionary(fc.string(), valueOf(type.values, depth), {
        minKeys: 1,
        maxKeys: 2,
        noNullPrototype: true,
      })
    case 'object':
      return objectOf(type.name, depth - 1)
    default:
      return type satisfies never
  }
}

/** What protobuf has a number for; not the kind of an object within another. */
function namesOf(fields: MessageFields): readonly string[] {
  return [...fields.values()].flatMap((found) =>
    found.kind === 'inlined' ? namesOf(found.fields) : [found.field.name],
  )
}

/** An object with some of the fields that the type has. */
export function objectOf(typeName: string, depth: number): fc.Arbitrary<JsonObject> {
  if (depth === 0) return fc.constant({})
  const names = new Set(namesOf(messageFields(typeName)))
  const fields = [...objectType(typeName).fields.values()].filter(({ name }) => names.has(name))
  return fc.subarray(fields, { maxLength: Math.min(8, fields.length) }).chain((some) =>
    fc.record(Object.fromEntries(some.map(({ name, type }) => [name, valueOf(type, depth)])), {
      noNullPrototype: true,
    }),
  )
}
