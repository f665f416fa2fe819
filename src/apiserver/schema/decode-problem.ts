import { shortTypeName, type FieldType } from './object-type.ts'
import type { JsonValue } from './json-value.ts'

/** Ends the walk over a document with a value of the wrong type; caught where the walk began. */
export class DecodeProblem extends Error {
  /** How kube-apiserver tells it of the result of a strategic merge patch. */
  readonly patchMessage: string

  constructor(message: string, patchMessage = message) {
    super(message)
    this.name = 'DecodeProblem'
    this.patchMessage = patchMessage
  }
}

/** An object's kind and version, as it names them. */
interface Named {
  readonly apiVersion: string
  readonly kind: string
}

/** `Pod in version "v1" cannot be handled as a Pod: why`; `wanted` is the kind that it must be. */
export function cannotHandle(
  { apiVersion, kind }: Named,
  why: string,
  { kind: wanted }: Pick<Named, 'kind'> = { kind },
): string {
  const version = apiVersion.replace(/^.*\//, '')
  return `${kind} in version "${version}" cannot be handled as a ${wanted}: ${why}`
}

/** A JSON value's type as Go's decoder names it; numbers that no integer can hold by their digits. */
function jsonTypeName(value: JsonValue, integerWanted: boolean): string {
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number') return integerWanted ? `number ${value}` : 'number'
  return typeof value
}

/** `[]v1.Container`, `map[string]string`: the type as Go names it. */
function goTypeName(type: FieldType): string {
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
    wrongInPatch(value, type),
  )
}

/** Go's name for the value once it is decoded without a schema. */
function goValueName(value: JsonValue): string {
  if (Array.isArray(value)) return 'slice'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64'
  if (typeof value === 'boolean') return 'bool'
  return typeof value === 'string' ? 'string' : 'map'
}

function wrongInPatch(value: JsonValue, type: FieldType): string {
  const from = goValueName(value)
  switch (type.kind) {
    case 'list':
      return `cannot restore slice from ${from}`
    case 'map':
      return `cannot restore map from ${from}`
    case 'object':
      return `cannot restore struct from: ${from}`
    case 'scalar':
      if (type.name === 'bytes') return `cannot restore slice from ${from}`
      return isConvertible(from, type.name)
        ? `cannot convert ${from} to ${goTypeName(type)}`
        : `unrecognized type: ${goTypeName(type)}`
    default:
      return type satisfies never
  }
}

/** What Go could convert and the decoder refuses all the same. */
function isConvertible(from: string, to: string): boolean {
  if (from === 'int64') return to === 'string'
  return from === 'float64' && to.startsWith('int')
}

/** The same for types with a decoder of their own, which does not know its field. */
export function wrongValue(value: JsonValue, goType: string): DecodeProblem {
  return new DecodeProblem(unfitValue(value, goType))
}

/** The same of a field by itself: `.kind`, or `continueToken.rv`. */
export function unfitField(value: JsonValue, field: string, goType: string): string {
  const name = jsonTypeName(value, goType.startsWith('int'))
  return `json: cannot unmarshal ${name} into Go struct field ${field} of type ${goType}`
}

/** `json: cannot unmarshal array into Go value of type v1.Pod`: of a document as a whole. */
export function unfitValue(value: JsonValue, goType: string): string {
  const name = jsonTypeName(value, goType.startsWith('int'))
  return `json: cannot unmarshal ${name} into Go value of type ${goType}`
}
