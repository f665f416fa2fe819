import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'
import type { JsonObject, JsonValue } from '../json-value.ts'
import type { FieldType } from '../object-type.ts'
import { getOwn, setOwn } from '../own-property.ts'
import { messageFields, type MessageFields } from './message-fields.ts'
import { readNested, readPack, readUntil } from './nested.ts'
import { readScalar } from './read-scalar.ts'

/**
 * A message of the type named `typeName` as the JSON that says the same. Unknown fields are
 * left out as Kubernetes does; what holds nothing is still there, for the walk that checks
 * JSON bodies to drop.
 *
 * @throws Error from the reader if `bytes` is cut off or no protobuf.
 */
export function readMessage(bytes: Uint8Array, typeName: string): JsonObject {
  const reader = new BinaryReader(bytes)
  const fields = messageFields(typeName)
  const object: JsonObject = {}
  readUntil(reader, reader.len, (number, wireType) => {
    readNumber(object, reader, number, wireType, fields)
  })
  return object
}

function readInto(
  object: JsonObject,
  reader: BinaryReader,
  wireType: WireType,
  fields: MessageFields,
): JsonObject {
  readNested(reader, wireType, (number, fieldType) => {
    readNumber(object, reader, number, fieldType, fields)
  })
  return object
}

function readNumber(
  object: JsonObject,
  reader: BinaryReader,
  number: number,
  wireType: WireType,
  fields: MessageFields,
): void {
  const found = fields.get(number)
  if (found === undefined) reader.skip(wireType, number)
  else if (found.kind === 'inlined') readInto(object, reader, wireType, found.fields)
  else {
    const { name, type } = found.field
    const value = readField(reader, wireType, type, getOwn(object, name))
    if (value !== undefined) setOwn(object, name, value)
  }
}

/** One occurrence of a field; `before` is what earlier ones came to. */
function readField(
  reader: BinaryReader,
  wireType: WireType,
  type: FieldType,
  before: JsonValue | undefined,
): JsonValue | undefined {
  switch (type.kind) {
    case 'scalar':
      return readScalar(reader, wireType, type.name)
    case 'object':
      return readInto((before ?? {}) as JsonObject, reader, wireType, messageFields(type.name))
    case 'list':
      return readItems((before ?? []) as JsonValue[], reader, wireType, type.items)
    case 'map':
      return readEntry((before ?? {}) as JsonObject, reader, wireType, type.values)
    default:
      return type satisfies never
  }
}

/** An item, or a pack of numbers. */
function readItems(
  list: JsonValue[],
  reader: BinaryReader,
  wireType: WireType,
  items: FieldType,
): JsonValue[] {
  const add = (item: JsonValue | undefined) => {
    if (item !== undefined) list.push(item)
  }
  if (isNumber(items) && wireType === WireType.LengthDelimited) {
    readPack(reader, () => add(readScalar(reader, WireType.Varint, items.name)))
  } else {
    add(readField(reader, wireType, items, undefined))
  }
  return list
}

function isNumber(type: FieldType): type is FieldType & { readonly kind: 'scalar' } {
  return type.kind === 'scalar' && ['bool', 'int32', 'int64'].includes(type.name)
}

/** A map is a list of messages: 1 is the key, 2 the value. */
function readEntry(
  map: JsonObject,
  reader: BinaryReader,
  wireType: WireType,
  values: FieldType,
): JsonObject {
  let key = ''
  let value: JsonValue | undefined
  readNested(reader, wireType, (number, fieldType) => {
    if (number === 1) key = reader.string()
    else if (number === 2) value = readMapValue(reader, fieldType, values)
    else reader.skip(fieldType, number)
  })
  setOwn(map, key, value ?? emptyValue(values))
  return map
}

/** A list as a map's value is a message of its own whose field 1 holds the items. */
function readMapValue(
  reader: BinaryReader,
  wireType: WireType,
  type: FieldType,
): JsonValue | undefined {
  if (type.kind !== 'list') return readField(reader, wireType, type, undefined)
  const list: JsonValue[] = []
  readNested(reader, wireType, (number, itemType) => {
    if (number === 1) readItems(list, reader, itemType, type.items)
    else reader.skip(itemType, number)
  })
  return list
}

function emptyValue(type: FieldType): JsonValue {
  if (type.kind === 'scalar') return type.name === 'quantity' ? '0' : ''
  return type.kind === 'list' ? [] : {}
}
