import { type BinaryReader, WireType } from '@bufbuild/protobuf/wire'

/** The tag of a field: its number and how its value is written. */
type Read = (number: number, wireType: WireType) => void

/**
 * Enters a message, which has its length in front, and calls `read` with each tag in it.
 *
 * @throws RangeError if something else stands there, or a part reaches beyond its whole.
 */
export function readNested(reader: BinaryReader, wireType: WireType, read: Read): void {
  const length = expectType(reader, wireType, WireType.LengthDelimited).uint32()
  readUntil(reader, reader.pos + length, read)
}

/** Calls `read` for each number of a pack. */
export function readPack(reader: BinaryReader, read: () => void): void {
  const length = reader.uint32()
  const end = reader.pos + length
  if (end > reader.len) throw unexpectedEnd()
  while (reader.pos < end) read()
  if (reader.pos > end) throw unexpectedEnd()
}

/** Calls `read` with each tag before the position `end`. */
export function readUntil(reader: BinaryReader, end: number, read: Read): void {
  if (end > reader.len) throw unexpectedEnd()
  while (reader.pos < end) {
    const [number, fieldType] = reader.tag()
    read(number, fieldType)
  }
  if (reader.pos > end) throw unexpectedEnd()
}

/** The reader, where a value written as `wanted` stands. @throws RangeError if another does */
export function expectType(
  reader: BinaryReader,
  wireType: WireType,
  wanted: WireType,
): BinaryReader {
  if (wireType !== wanted) throw new RangeError(`proto: wrong wireType = ${wireType}`)
  return reader
}

function unexpectedEnd(): RangeError {
  return new RangeError('unexpected EOF')
}
