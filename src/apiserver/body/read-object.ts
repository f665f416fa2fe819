import type { Call } from '../call.ts'
import { apiVersion } from '../kind/kind.ts'
import { asJson, asKubeObject, type KubeObject } from '../kube-object.ts'
import { readFieldValidation, type FieldValidation } from '../query/field-validation.ts'
import {
  decodeObject,
  decodeParsed,
  unreadKind,
  versionAndKind,
  type Decoded,
} from '../schema/decode.ts'
import type { DecodeTarget } from '../schema/decode-target.ts'
import { strictErrors, strictWarnings } from '../schema/strict-errors.ts'
import { cannotHandle, unfitValue } from '../schema/decode-problem.ts'
import { isJsonObject, type JsonObject } from '../schema/json-value.ts'
import { objectType } from '../schema/object-type.ts'
import { parseAside } from '../schema/parse-aside.ts'
import { decodeProtobuf, parseProtobuf } from '../schema/protobuf/decode-protobuf.ts'
import { badRequest, type StatusError } from '../status-error.ts'
import { readBody, type Body } from './read-body.ts'

/**
 * The object in the body, checked against the schema of the call's kind.
 *
 * @throws StatusError 400 for what is no such object, 415 for other encodings.
 */
export async function readObject(call: Call): Promise<KubeObject> {
  const target = targetFor(call)
  const body = await readBody(call)
  const validation = readFieldValidation(call)
  return checked(call, await decodeBody(body, target, validation), validation)
}

/**
 * The body of a subresource that takes another type than its kind: an Eviction, a
 * TokenRequest.
 *
 * @throws StatusError 400 for what is no such object, 415 for other encodings.
 */
export async function readTyped(call: Call, target: DecodeTarget): Promise<JsonObject> {
  const body = await readBody(call)
  const validation = readFieldValidation(call)
  const decoded = await decodeBody(body, target, validation)
  if (decoded.kind === 'invalid') throw badRequest(decoded.message)
  reportStrictErrors(call, target, strictErrors(decoded), validation)
  return decoded.object
}

/**
 * What a patch has made of `old`. Its faults are faults of the patch: `refuse` makes
 * the answer of one that is no object of its kind, or that strict decoding does not take.
 *
 * @param ofPatch what strict decoding found in the patch itself.
 */
export function checkPatched(
  call: Call,
  old: KubeObject,
  value: JsonObject,
  ofPatch: readonly string[],
  refuse: (fault: { readonly patchMessage: string; readonly jsonMessage: string }) => StatusError,
): KubeObject {
  const target = targetFor(call)
  const decoded = decodeObject(value, target, asJson(old))
  if (decoded.kind === 'invalid') throw refuse(decoded)
  const errors = [...ofPatch, ...strictErrors(decoded)]
  const validation = readFieldValidation(call)
  if (errors.length > 0 && validation === 'Strict') {
    const message = `strict decoding error: ${errors.join(', ')}`
    throw refuse({ patchMessage: message, jsonMessage: message })
  }
  reportStrictErrors(call, target, errors, validation)
  return withMetadata(decoded.object)
}

/**
 * The body as JSON, not checked against the schema named `typeName`. An empty body stands for
 * an empty object.
 *
 * @throws StatusError 400 for what is no object, 415 for other encodings.
 */
export async function readLoosely(call: Call, typeName: string): Promise<JsonObject> {
  const body = await readBody(call)
  if (isEmpty(body)) return {}
  const parsed =
    body.format === 'protobuf'
      ? parseProtobuf(body.bytes, typeName)
      : await parseAside(body.text, body.format, false)
  if (parsed.kind === 'invalid') {
    const { message } = parsed
    throw badRequest(body.format === 'json' ? unreadKind(message) : message)
  }
  const value = parsed.value ?? {}
  if (isJsonObject(value)) return value
  throw badRequest(unreadKind(unfitValue(value, versionAndKind)))
}

function isEmpty(body: Body): boolean {
  return body.format === 'protobuf' ? body.bytes.byteLength === 0 : body.text === ''
}

async function decodeBody(
  body: Body,
  target: DecodeTarget,
  validation: FieldValidation,
): Promise<Decoded> {
  if (body.format === 'protobuf') return decodeProtobuf(body.bytes, target)
  const { text, format } = body
  return decodeParsed(text, await parseAside(text, format, validation !== 'Ignore'), target)
}

function targetFor({ server, target: { kind } }: Call): DecodeTarget {
  return {
    type: objectType(kind.type, server.version),
    apiVersion: apiVersion(kind),
    kind: kind.kind,
  }
}

function checked(call: Call, decoded: Decoded, validation: FieldValidation): KubeObject {
  if (decoded.kind === 'invalid') throw badRequest(decoded.message)
  reportStrictErrors(call, targetFor(call), strictErrors(decoded), validation)
  return withMetadata(decoded.object)
}

function withMetadata(object: JsonObject): KubeObject {
  const metadata = isJsonObject(object['metadata']) ? object['metadata'] : {}
  return asKubeObject({ ...object, metadata })
}

/** Refuses, warns of or ignores what strict decoding found, as the client asked. */
function reportStrictErrors(
  call: Call,
  target: DecodeTarget,
  errors: readonly string[],
  validation: FieldValidation,
): void {
  if (errors.length === 0) return
  switch (validation) {
    case 'Strict':
      throw badRequest(cannotHandle(target, `strict decoding error: ${errors.join(', ')}`))
    case 'Warn':
      call.warnings.push(...errors.flatMap(strictWarnings))
      return
    case 'Ignore':
      return
    default:
      validation satisfies never
  }
}
