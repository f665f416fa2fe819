import { defaultVersion, type KubeVersion } from '../../domain/kube-version.ts'
import { hasField } from './field-versions.ts'
import { generatedTypes } from './generated/object-types.ts'
import { mergeRule, type MergeRule } from './merge-rules.ts'
import { metricsTypes } from './metrics-types.ts'
import { keepsZero } from './zero-values.ts'

const scalarNames = [
  'any',
  'bool',
  'bytes',
  'double',
  'int32',
  'int64',
  'intOrString',
  'microTime',
  'quantity',
  'string',
  'time',
] as const

export type ScalarName = (typeof scalarNames)[number]

export type FieldType =
  | { readonly kind: 'scalar'; readonly name: ScalarName }
  | { readonly kind: 'list'; readonly items: FieldType }
  | { readonly kind: 'map'; readonly values: FieldType }
  | { readonly kind: 'object'; readonly name: string }

export interface Field {
  readonly name: string
  readonly type: FieldType
  readonly required: boolean
  /** Left out where it holds nothing: '', 0, false, an empty list or map. */
  readonly omitsZero: boolean
  /** How the list merges; absent where it is replaced whole, or is no list. */
  readonly merge?: MergeRule
}

/** The fields of a Kubernetes type such as `core/v1.Container`. */
export interface ObjectType {
  readonly name: string
  /** The Kubernetes that has it so. */
  readonly version: KubeVersion
  readonly fields: ReadonlyMap<string, Field>
}

const scalars: ReadonlySet<string> = new Set(scalarNames)

function parseType(text: string): FieldType {
  if (text.startsWith('[]')) return { kind: 'list', items: parseType(text.slice(2)) }
  if (text.startsWith('map:')) return { kind: 'map', values: parseType(text.slice(4)) }
  if (scalars.has(text)) return { kind: 'scalar', name: text as ScalarName }
  return { kind: 'object', name: text }
}

function parseField(typeName: string, text: string): Field {
  const at = text.indexOf('=')
  const required = text[at - 1] === '!'
  const name = text.slice(0, required ? at - 1 : at)
  const merge = mergeRule(typeName, name)
  const type = parseType(text.slice(at + 1))
  const isFree = type.kind === 'object' || (type.kind === 'scalar' && type.name === 'any')
  const omitsZero = !required && !isFree && !keepsZero(typeName, name)
  return { name, type, required, omitsZero, ...(merge && { merge }) }
}

const parsed = new Map<KubeVersion, Map<string, ObjectType>>()

/**
 * The type named `name`, as `core/v1.Pod`, with the fields that it had in `version`; read from
 * the generated table at its first use.
 *
 * @throws RangeError if there is no such type: names come from the kinds' table, never from clients.
 */
export function objectType(name: string, version: KubeVersion = defaultVersion): ObjectType {
  const types = parsed.get(version) ?? new Map<string, ObjectType>()
  const known = types.get(name)
  if (known) return known
  const text = generatedTypes[name] ?? metricsTypes[name]
  if (!hasType(name) || text === undefined)
    throw new RangeError(`Cannot find a schema named ${name}`)
  const fields = text
    .split(' ')
    .map((field) => parseField(name, field))
    .filter((field) => hasField(name, field.name, version))
  const type = { name, version, fields: new Map(fields.map((field) => [field.name, field])) }
  parsed.set(version, types.set(name, type))
  return type
}

/** Whether there is a type of that name. */
export function hasType(name: string): boolean {
  return Object.hasOwn(generatedTypes, name) || Object.hasOwn(metricsTypes, name)
}

/** `v1.Container` for `core/v1.Container`: the type's name in Kubernetes' messages. */
export function shortTypeName(name: string): string {
  return name.slice(name.indexOf('/') + 1)
}

/** The list items' or map values' type, or the type itself. */
export function innerType(type: FieldType): FieldType {
  switch (type.kind) {
    case 'list':
      return innerType(type.items)
    case 'map':
      return innerType(type.values)
    case 'object':
    case 'scalar':
      return type
    default:
      return type satisfies never
  }
}
