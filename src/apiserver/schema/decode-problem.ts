import { shortTypeName, type FieldType } from './object-type.ts'
import type { JsonValue } from './json-value.ts'

/** Ends the walk over a document with a value of the wrong type; caught where the walk began. */
export class DecodeProblem extends Error {}

/** A JSON value's type as Go's decoder names it; numbers that no integer can hold by their digits. */
function jsonTypeName(value: JsonValue, integerWanted: boolean): string {
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number') return integerWanted ? `number ${value}` : 'number'
  return typeof value
}

/** `[]v1.Container`, `map[string]string`: the type as Go names it. */
export function goTypeName(type: FieldType): string {
  switch (type.kind) {
    case 'list':
      return `[]${goTypeName(type.items)}`
    case 'map':
      return isQuantity(type.values) ? 'v1.ResourceList' : `map[string]${goTypeName(type.values)}`
    case 'object':
      return shortTypeName(type.name)
    case 'scalar':
      return scalarGoNames[type.name] ?? type.name
    default:
      return type satisfies never
  }
}

const scalarGoNames: Readonly<Record<string, string>> = { bytes: '[]uint8', double: 'float64' }

function isQuantity(type: FieldType): boolean {
  return type.kind === 'scalar' && type.name === 'quantity'
}

/** `spec.containers.name`: the path without indexes and map keys, as Go's decoder tells it. */
export type FieldNames = readonly string[]

/** `json: cannot unmarshal number into Go struct field Container.spec.containers.name of type string` */
export function wrongType(
  value: JsonValue,
  type: FieldType,
  ownerType: string,
  fields: FieldNames,
): DecodeProblem {
  const integerWanted = type.kind === 'scalar' && type.name.startsWith('int')
  const owner = shortTypeName(ownerType).replace(/^.*\./, '')
  return new DecodeProblem(
    `json: cannot unmarshal ${jsonTypeName(value, integerWanted)} into Go struct field ` +
      `${owner}.${fields.join('.')} of type ${goTypeName(type)}`,
  )
}

/** The same for types with a decoder of their own, which does not know its field. */
export function wrongValue(value: JsonValue, goType: string): DecodeProblem {
  const name = jsonTypeName(value, goType.startsWith('int'))
  return new DecodeProblem(`json: cannot unmarshal ${name} into Go value of type ${goType}`)
}
