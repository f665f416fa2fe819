import type { KubeVersion } from '../../domain/kube-version.ts'
import { descriptions } from '../schema/descriptions.ts'
import type { JsonObject, JsonValue } from '../schema/json-value.ts'
import type { MergeRule } from '../schema/merge-rules.ts'
import {
  innerType,
  objectType,
  type Field,
  type FieldType,
  type ObjectType,
  type ScalarName,
} from '../schema/object-type.ts'
import type { GroupVersionKind } from './openapi-kind.ts'
import { openApiName, reference, sharedScalars } from './openapi-names.ts'

function scalarSchema(name: ScalarName): JsonObject {
  switch (name) {
    case 'any':
      return { type: 'object' }
    case 'bool':
      return { type: 'boolean' }
    case 'bytes':
      return { type: 'string', format: 'byte' }
    case 'double':
      return { type: 'number', format: 'double' }
    case 'int32':
    case 'int64':
      return { type: 'integer', format: name }
    case 'string':
      return { type: 'string' }
    case 'intOrString':
    case 'microTime':
    case 'quantity':
    case 'time':
      return { allOf: [reference(sharedScalars[name] ?? name)] }
    default:
      return name satisfies never
  }
}

const sharedScalarSchemas: Readonly<Record<string, JsonObject>> = {
  intOrString: {
    description: 'A whole number, or a text such as a port name or 50%.',
    format: 'int-or-string',
    oneOf: [{ type: 'integer' }, { type: 'string' }],
  },
  microTime: { type: 'string', format: 'date-time', description: 'A time with microseconds.' },
  quantity: {
    description:
      'An exact number with an optional suffix: m (thousandth), k M G T P E (powers of 1000), Ki Mi Gi Ti Pi Ei (powers of 1024), or an exponent.',
    oneOf: [{ type: 'string' }, { type: 'number' }],
  },
  time: { type: 'string', format: 'date-time', description: 'A time in whole seconds.' },
}

function typeSchema(type: FieldType): JsonObject {
  switch (type.kind) {
    case 'scalar':
      return scalarSchema(type.name)
    case 'list':
      return { type: 'array', items: typeSchema(type.items) }
    case 'map':
      return { type: 'object', additionalProperties: typeSchema(type.values) }
    case 'object':
      return { allOf: [reference(openApiName(type.name))] }
    default:
      return type satisfies never
  }
}

function mergeExtensions(rule: MergeRule): JsonObject {
  const strategy = rule.retainKeys ? 'merge,retainKeys' : 'merge'
  if (rule.key === undefined) {
    return { 'x-kubernetes-list-type': 'set', 'x-kubernetes-patch-strategy': strategy }
  }
  return {
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': [...(rule.applyKeys ?? [rule.key])],
    'x-kubernetes-patch-merge-key': rule.key,
    'x-kubernetes-patch-strategy': strategy,
  }
}

function fieldSchema(typeName: string, field: Field): JsonObject {
  const description = descriptions[`${typeName}.${field.name}`]
  const atomic = field.type.kind === 'list' && !field.merge
  return {
    ...(description !== undefined && { description }),
    ...typeSchema(field.type),
    ...(field.merge && mergeExtensions(field.merge)),
    ...(atomic && { 'x-kubernetes-list-type': 'atomic' }),
  }
}

function objectSchema(
  { name: typeName, fields: all }: ObjectType,
  kinds: readonly GroupVersionKind[],
): JsonObject {
  const fields = [...all.values()]
  const required = fields.filter((field) => field.required).map(({ name }) => name)
  const description = descriptions[typeName]
  return {
    ...(description !== undefined && { description }),
    type: 'object',
    ...(required.length > 0 && { required }),
    properties: Object.fromEntries(
      fields.map((field) => [field.name, fieldSchema(typeName, field)]),
    ),
    ...(kinds.length > 0 && {
      'x-kubernetes-group-version-kind': kinds.map((kind): JsonValue => ({ ...kind })),
    }),
  }
}

/**
 * OpenAPI v3 schemas of the types named `roots` and of all that they refer to, by their
 * OpenAPI names.
 *
 * @param kindsOf which kinds a type stands for; none for a part of other types.
 * @param version whose fields they show.
 */
export function openApiSchemas(
  roots: readonly string[],
  kindsOf: (typeName: string) => readonly GroupVersionKind[],
  version: KubeVersion,
): JsonObject {
  const schemas: JsonObject = {}
  for (const [name, schema] of Object.entries(sharedScalarSchemas)) {
    schemas[sharedScalars[name] ?? name] = schema
  }
  const queue = [...new Set(roots)]
  for (let typeName = queue.pop(); typeName !== undefined; typeName = queue.pop()) {
    const name = openApiName(typeName)
    if (schemas[name] !== undefined) continue
    const type = objectType(typeName, version)
    schemas[name] = objectSchema(type, kindsOf(typeName))
    for (const field of type.fields.values()) {
      const inner = innerType(field.type)
      if (inner.kind === 'object') queue.push(inner.name)
    }
  }
  return Object.fromEntries(Object.entries(schemas).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
