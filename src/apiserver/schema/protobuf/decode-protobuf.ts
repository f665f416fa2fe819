import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'
import { cannotHandle } from '../decode-problem.ts'
import { decodeObject, type Decoded } from '../decode.ts'
import type { DecodeTarget } from '../decode-target.ts'
import type { JsonObject } from '../json-value.ts'
import { readUntil } from './nested.ts'
import { readMessage } from './read-message.ts'

/** Begins every protobuf body of Kubernetes. */
export const magic: readonly number[] = [...Buffer.from('k8s\0')]

/** The wrapper of every protobuf body: which kind, and the bytes of its message. */
interface Envelope {
  readonly apiVersion: string
  readonly kind: string
  readonly raw: Uint8Array
}

export type ParsedProtobuf =
  | { readonly kind: 'parsed'; readonly value: JsonObject }
  | { readonly kind: 'invalid'; readonly message: string }

/** `body` as an object of the kind that `target` tells, checked like a JSON body. */
export function decodeProtobuf(body: Uint8Array, target: DecodeTarget): Decoded {
  const parsed = parseProtobuf(body, target.type.name)
  if (parsed.kind === 'parsed') return decodeObject(parsed.value, target)
  const message = cannotHandle(target, parsed.message)
  return { kind: 'invalid', message, jsonMessage: message, patchMessage: message }
}

/** The JSON that says the same as `body`, whose message is of the type named `typeName`. */
export function parseProtobuf(body: Uint8Array, typeName: string): ParsedProtobuf {
  if (magic.some((byte, index) => body[index] !== byte)) {
    const message = `provided data does not appear to be a protobuf message, expected prefix [${magic.join(' ')}]`
    return { kind: 'invalid', message }
  }
  try {
    const { apiVersion, kind, raw } = readEnvelope(body.subarray(magic.length))
    const named = { ...(apiVersion !== '' && { apiVersion }), ...(kind !== '' && { kind }) }
    return { kind: 'parsed', value: { ...readMessage(raw, typeName), ...named } }
  } catch (error) {
    // The reader throws several classes of errors, always about the bytes.
    return { kind: 'invalid', message: error instanceof Error ? error.message : String(error) }
  }
}

/** runtime.Unknown: 1 is the TypeMeta (1 apiVersion, 2 kind), 2 the message. */
function readEnvelope(bytes: Uint8Array): Envelope {
  const parts = readParts(bytes)
  const names = readParts(parts.get(1))
  return {
    apiVersion: utf8(names.get(1)),
    kind: utf8(names.get(2)),
    raw: parts.get(2) ?? new Uint8Array(),
  }
}

function utf8(bytes: Uint8Array = new Uint8Array()): string {
  return new TextDecoder().decode(bytes)
}

function readParts(bytes: Uint8Array = new Uint8Array()): ReadonlyMap<number, Uint8Array> {
  const reader = new BinaryReader(bytes)
  const parts = new Map<number, Uint8Array>()
  readUntil(reader, reader.len, (number, wireType) => {
    if (wireType === WireType.LengthDelimited) parts.set(number, reader.bytes())
    else reader.skip(wireType, number)
  })
  return parts
}
