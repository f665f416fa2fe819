import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
} from '../../src/apiserver/schema/json-value.ts'
import type { FieldType } from '../../src/apiserver/schema/object-type.ts'
import {
  messageFields,
  type MessageFields,
} from '../../src/apiserver/schema/protobuf/message-fields.ts'

/** `object` as client-go's protobuf encoder sends it. */
export function encodeProtobuf(object: JsonObject, typeName: string): Uint8Array {
  const { apiVersion, kind, ...rest } = object
  const names = new BinaryWriter()
  names.tag(1, WireType.LengthDelimited).string(apiVersion as string)
  names.tag(2, WireType.LengthDelimited).string(kind as string)
  const envelope = new BinaryWriter()
  envelope.tag(1, WireType.LengthDelimited).bytes(names.finish())
  envelope.tag(2, WireType.LengthDelimited).bytes(encodeMessage(rest, messageFields(typeName)))
  envelope.tag(3, WireType.LengthDelimited).string('')
  envelope.tag(4, WireType.LengthDelimited).string('')
  return Buffer.concat([Buffer.from('k8s\0'), envelope.finish()])
}

function encodeMessage(object: JsonObject, fields: MessageFields): Uint8Array {
  const writer = new BinaryWriter()
  for (const [number, found] of fields) {
    if (found.kind === 'inlined') {
      writer.tag(number, WireType.LengthDelimited).bytes(encodeMessage(object, found.fields))
      continue
    }
    const { name, type } = found.field
    if (!Object.hasOwn(object, name)) continue
    for (const item of occurrences(object[name] as JsonValue, type)) {
      encodeField(writer, number, item.value, item.type)
    }
  }
  return writer.finish()
}

interface Occurrence {
  readonly value: JsonValue
  readonly type: FieldType
}

/** Lists and maps are fields that occur many times. */
function occurrences(value: JsonValue, type: FieldType): readonly Occurrence[] {
  if (type.kind === 'list' && Array.isArray(value)) {
    return value.map((item) => ({ value: item, type: type.items }))
  }
  if (type.kind === 'map' && isJsonObject(value)) {
    return Object.entries(value).map(([key, item]) => ({ value: { key, item }, type }))
  }
  return [{ value, type }]
}

function encodeField(
  writer: BinaryWriter,
  number: number,
  value: JsonValue,
  type: FieldType,
): void {
  if (type.kind === 'object') {
    const bytes = encodeMessage(value as JsonObject, messageFields(type.name))
    writer.tag(number, WireType.LengthDelimited).bytes(bytes)
  } else if (type.kind === 'map') {
    writer
      .tag(number, WireType.LengthDelimited)
      .bytes(encodeEntry(value as JsonObject, type.values))
  } else if (type.kind === 'list') {
    const list = new BinaryWriter()
    for (const item of value as JsonValue[]) encodeField(list, 1, item, type.items)
    writer.tag(number, WireType.LengthDelimited).bytes(list.finish())
  } else {
    encodeScalar(writer, number, value, type.name)
  }
}

function encodeEntry({ key, item }: JsonObject, values: FieldType): Uint8Array {
  const writer = new BinaryWriter().tag(1, WireType.LengthDelimited).string(key as string)
  encodeField(writer, 2, item as JsonValue, values)
  return writer.finish()
}

function encodeScalar(writer: BinaryWriter, number: number, value: JsonValue, name: string): void {
  if (typeof value === 'boolean') writer.tag(number, WireType.Varint).bool(value)
  else if (name === 'int32' || name === 'int64') {
    writer.tag(number, WireType.Varint).int64(BigInt(value as number))
  } else if (name === 'string') writer.tag(number, WireType.LengthDelimited).string(value as string)
  else writer.tag(number, WireType.LengthDelimited).bytes(encodeSpecial(value, name))
}

function encodeSpecial(value: JsonValue, name: string): Uint8Array {
  const inner = new BinaryWriter()
  if (name === 'intOrString' && typeof value === 'number') {
    return inner.tag(1, WireType.Varint).int64(0).tag(2, WireType.Varint).int32(value).finish()
  }
  if (typeof value !== 'string') {
    return inner.tag(1, WireType.LengthDelimited).string(JSON.stringify(value)).finish()
  }
  switch (name) {
    case 'bytes':
      return Buffer.from(value, 'base64')
    case 'intOrString':
      inner.tag(1, WireType.Varint).int64(1)
      return inner.tag(3, WireType.LengthDelimited).string(value).finish()
    case 'quantity':
      return inner.tag(1, WireType.LengthDelimited).string(value).finish()
    default:
      return encodeTime(value)
  }
}

function encodeTime(text: string): Uint8Array {
  const [, fraction = ''] = /\.(\d+)Z$/.exec(text) ?? []
  return new BinaryWriter()
    .tag(1, WireType.Varint)
    .int64(Math.floor(Date.parse(text) / 1000))
    .tag(2, WireType.Varint)
    .int32(Number(fraction.padEnd(9, '0')))
    .finish()
}
