import type { KubeVersion } from '../../domain/kube-version.ts'
import { convertQuantity, convertScalar } from './convert-scalar.ts'
import { DecodeProblem, wrongType } from './decode-problem.ts'
import { isJsonObject, type JsonObject, type JsonValue } from './json-value.ts'
import { objectType, type Field, type FieldType, type ObjectType } from './object-type.ts'
import { getOwn, setOwn } from './own-property.ts'
import { isZero } from './zero-values.ts'

/** Where the walk stands, and what it has found. */
interface Walk {
  readonly version: KubeVersion
  /** Path pieces with indexes and map keys: `['spec', '.containers', '[0]']`. */
  readonly path: string[]
  /** Names of the fields only. */
  readonly fields: string[]
  readonly unknown: string[]
  /** How many objects there were. */
  objects: number
}

/**
 * Objects in one body; an ordinary pod has a hundred. Each is checked, and what is wrong with
 * millions of empty ones would take minutes and gigabytes.
 */
const mostObjects = 50_000

export interface Walked {
  readonly object: JsonObject
  /** Paths of fields that the schema does not have, in the order of the document. */
  readonly unknownFields: readonly string[]
}

/**
 * `value` as the API server keeps it: without unknown fields, nulls and what holds nothing
 * (see zero-values.ts), quantities and times in canonical form. `value` is not changed; unchanged parts are shared.
 *
 * @param kept an object of the same type that is stored, so that it was walked before: parts that
 *   `value` shares with it in the same place are taken as they are. A patch leaves most as it was.
 * @throws DecodeProblem if a field's value is not of its type.
 */
export function walkObject(value: JsonObject, type: ObjectType, kept?: JsonObject): Walked {
  const walk: Walk = { version: type.version, path: [], fields: [], unknown: [], objects: 0 }
  return { object: convertObject(value, type, walk, kept), unknownFields: walk.unknown }
}

function convertObject(
  value: JsonObject,
  type: ObjectType,
  walk: Walk,
  kept: JsonValue | undefined,
): JsonObject {
  walk.objects += 1
  if (walk.objects > mostObjects) {
    throw new DecodeProblem(`there are more than ${mostObjects} objects in it`)
  }
  let result = value
  for (const key of Object.keys(value)) {
    const given = value[key] as JsonValue
    const field = type.fields.get(key)
    const keptValue = isJsonObject(kept) ? getOwn(kept, key) : undefined
    if (field !== undefined && given === keptValue) continue
    walk.path.push(walk.path.length === 0 ? key : `.${key}`)
    if (field === undefined) walk.unknown.push(walk.path.join(''))
    const after =
      field && given !== null ? convertField(given, field, type.name, walk, keptValue) : null
    if (after !== given || after === null) {
      if (result === value) result = { ...value }
      if (after === null) delete result[key]
      else setOwn(result, key, after)
    }
    walk.path.pop()
  }
  return result
}

/** Null where the field is to be left out. */
function convertField(
  value: JsonValue,
  field: Field,
  owner: string,
  walk: Walk,
  kept: JsonValue | undefined,
): JsonValue {
  walk.fields.push(field.name)
  const converted = convert(value, field.type, owner, walk, kept)
  walk.fields.pop()
  return field.omitsZero && isZero(converted) ? null : converted
}

function convert(
  value: JsonValue,
  type: FieldType,
  owner: string,
  walk: Walk,
  kept: JsonValue | undefined,
): JsonValue {
  switch (type.kind) {
    case 'scalar':
      return convertScalar(value, type, owner, walk.fields)
    case 'object':
      if (!isJsonObject(value)) throw wrongType(value, type, owner, walk.fields)
      return convertObject(value, objectType(type.name, walk.version), walk, kept)
    case 'list':
      if (!Array.isArray(value)) throw wrongType(value, type, owner, walk.fields)
      return convertList(value, type.items, owner, walk, kept)
    case 'map':
      if (!isJsonObject(value)) throw wrongType(value, type, owner, walk.fields)
      return convertMap(value, type.values, owner, walk)
    default:
      return type satisfies never
  }
}

function convertList(
  value: JsonValue[],
  items: FieldType,
  owner: string,
  walk: Walk,
  kept: JsonValue | undefined,
): JsonValue[] {
  let result = value
  for (const [index, before] of value.entries()) {
    const keptItem = Array.isArray(kept) ? kept[index] : undefined
    if (before === keptItem) continue
    walk.path.push(`[${index}]`)
    const after = convert(before ?? zeroValue(items), items, owner, walk, keptItem)
    walk.path.pop()
    if (after !== before) {
      if (result === value) result = [...value]
      result[index] = after
    }
  }
  return result
}

function convertMap(value: JsonObject, values: FieldType, owner: string, walk: Walk): JsonObject {
  let result = value
  for (const key of Object.keys(value)) {
    const before = value[key] as JsonValue
    walk.path.push(`.${key}`)
    const after = isQuantity(values)
      ? convertQuantity(before, true)
      : convert(before ?? zeroValue(values), values, owner, walk, undefined)
    walk.path.pop()
    if (after !== before) {
      if (result === value) result = { ...value }
      setOwn(result, key, after)
    }
  }
  return result
}

function isQuantity(type: FieldType): boolean {
  return type.kind === 'scalar' && type.name === 'quantity'
}

/** What Go's decoder makes of a null in a list or map. */
function zeroValue(type: FieldType): JsonValue {
  switch (type.kind) {
    case 'object':
    case 'map':
      return {}
    case 'list':
      return []
    case 'scalar':
      if (type.name === 'bool') return false
      return ['double', 'int32', 'int64', 'intOrString'].includes(type.name) ? 0 : ''
    default:
      return type satisfies never
  }
}
