import { type BinaryReader, WireType } from '@bufbuild/protobuf/wire'
import type { JsonValue } from '../json-value.ts'
import type { ScalarName } from '../object-type.ts'
import { parseJson } from '../parse-json.ts'
import { expectType, readNested } from './nested.ts'

/**
 * A value that JSON writes as one scalar, some of which are messages in protobuf: quantities,
 * times, IntOrString. Undefined where JSON would leave the field out.
 *
 * @throws RangeError if the bytes are no such value.
 */
export function readScalar(
  reader: BinaryReader,
  wireType: WireType,
  name: ScalarName,
): JsonValue | undefined {
  switch (name) {
    case 'bool':
    case 'int32':
    case 'int64':
      return readVarint(expectType(reader, wireType, WireType.Varint), name)
    case 'double':
      return expectType(reader, wireType, WireType.Bit64).double()
    case 'string':
      return expectType(reader, wireType, WireType.LengthDelimited).string()
    case 'bytes':
      return base64(expectType(reader, wireType, WireType.LengthDelimited).bytes())
    case 'any':
    case 'intOrString':
    case 'microTime':
    case 'quantity':
    case 'time':
      return readMessageScalar(readParts(reader, wireType), name)
    default:
      return name satisfies never
  }
}

function readVarint(reader: BinaryReader, name: 'bool' | 'int32' | 'int64'): JsonValue {
  switch (name) {
    case 'bool':
      return reader.bool()
    case 'int32':
      return reader.int32()
    case 'int64':
      return Number(reader.int64())
    default:
      return name satisfies never
  }
}

type MessageScalar = 'any' | 'intOrString' | 'microTime' | 'quantity' | 'time'

function readMessageScalar(fields: Parts, name: MessageScalar): JsonValue | undefined {
  const number = (at: number) => Number(fields.get(at) ?? 0)
  const text = (at: number) => textOf(fields.get(at))
  switch (name) {
    case 'quantity':
      return fields.has(1) ? text(1) : '0'
    case 'intOrString':
      return number(1) === 1 ? text(3) : number(2)
    case 'time':
    case 'microTime':
      return timeText(number(1), number(2))
    case 'any':
      return readJsonText(text(1))
    default:
      return name satisfies never
  }
}

type Part = bigint | number | string | Uint8Array
type Parts = ReadonlyMap<number, Part>

/** The fields of a message of which no type is known but here. */
function readParts(reader: BinaryReader, wireType: WireType): Parts {
  const parts = new Map<number, Part>()
  readNested(reader, wireType, (number, fieldType) => {
    if (fieldType === WireType.Varint) parts.set(number, reader.int64())
    else if (fieldType === WireType.LengthDelimited) parts.set(number, reader.bytes())
    else reader.skip(fieldType, number)
  })
  return parts
}

function textOf(part: Part | undefined): string {
  return part instanceof Uint8Array ? new TextDecoder().decode(part) : ''
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

/** RFC 3339 with microseconds. Go's zero time is sent as 0, and JSON has null for it. */
function timeText(seconds: number, nanoseconds: number): string | undefined {
  if (seconds === 0 && nanoseconds === 0) return undefined
  const date = new Date(seconds * 1000)
  const year = Number.isNaN(date.getTime()) ? -1 : date.getUTCFullYear()
  if (year < 0 || year > 9999) throw new RangeError(`time ${seconds} s is outside of year [0,9999]`)
  const micros = String(Math.trunc(nanoseconds / 1000)).padStart(6, '0')
  return `${date.toISOString().slice(0, 19)}.${micros.slice(0, 6)}Z`
}

/** Fields of no type, such as managedFields, hold JSON as text. */
function readJsonText(text: string): JsonValue | undefined {
  if (text === '') return undefined
  const parsed = parseJson(text)
  if (parsed.kind === 'invalid') throw new RangeError(parsed.message)
  return parsed.value
}
