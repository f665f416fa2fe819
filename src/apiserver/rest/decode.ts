import { notSupported } from '../../domain/resize/field-error.ts'
import { apiVersion, type Kind } from '../kinds/kind.ts'
import { asKubeObject, type KubeObject } from '../kube-object.ts'
import {
  cannotHandle,
  decodeObject,
  decodeStrict,
  strictErrors,
  type BodyFormat,
  type Decoded,
  type DecodeTarget,
} from '../schema/decode.ts'
import { isJsonObject, type JsonObject } from '../schema/json-value.ts'
import { objectType } from '../schema/object-type.ts'
import { badRequest, invalid, unsupportedMediaType } from '../status-error.ts'
import { mediaType, readBody } from './body.ts'
import type { Call } from './call.ts'

const accepted = ['application/json', 'application/yaml']

/** What to do with fields that the schema does not have and keys that come twice. */
const fieldValidations = ['Ignore', 'Strict', 'Warn'] as const
type FieldValidation = (typeof fieldValidations)[number]

/**
 * The object in the body, checked against the schema of the call's kind.
 *
 * @throws StatusError 400 for what is no such object, 415 for other encodings.
 */
export async function readObject(call: Call): Promise<KubeObject> {
  const target = targetFor(call.target.kind)
  const { text, format } = await readText(call)
  const validation = readFieldValidation(call)
  const decoded = decodeStrict(text, format, target, validation !== 'Ignore')
  return checked(call, decoded, validation)
}

/** An object that is parsed already, such as the result of a patch. */
export function checkObject(call: Call, value: JsonObject): KubeObject {
  const target = targetFor(call.target.kind)
  return checked(call, decodeObject(value, target), readFieldValidation(call))
}

/**
 * The body's text and how it is written; no Content-Type means JSON.
 *
 * @throws StatusError 415 for other encodings.
 */
export async function readText(
  call: Call,
): Promise<{ readonly text: string; readonly format: BodyFormat }> {
  const type = mediaType(call.request)
  const text = await readBody(call.request)
  switch (type) {
    case 'application/json':
    case 'text/plain':
      return { text, format: 'json' }
    case 'application/yaml':
      return { text, format: 'yaml' }
    default:
      throw unsupportedMediaType(type, accepted)
  }
}

/** @throws StatusError 422 for a word that is none of the three. */
export function readFieldValidation(call: Call): FieldValidation {
  const text = call.query.get('fieldValidation') ?? ''
  if (text === '') return 'Warn'
  const found = fieldValidations.find((word) => word === text)
  if (found !== undefined) return found
  const kind = { group: 'meta.k8s.io', kind: 'CreateOptions' }
  throw invalid(kind, '', [notSupported('fieldValidation', text, ['', ...fieldValidations])])
}

const targets = new WeakMap<Kind, DecodeTarget>()

function targetFor(kind: Kind): DecodeTarget {
  let target = targets.get(kind)
  if (target === undefined) {
    target = { type: objectType(kind.type), apiVersion: apiVersion(kind), kind: kind.kind }
    targets.set(kind, target)
  }
  return target
}

function checked(call: Call, decoded: Decoded, validation: FieldValidation): KubeObject {
  if (decoded.kind === 'invalid') throw badRequest(decoded.message)
  reportStrictErrors(call, strictErrors(decoded), validation)
  const { object } = decoded
  const metadata = isJsonObject(object['metadata']) ? object['metadata'] : {}
  return asKubeObject({ ...object, metadata })
}

/** Refuses, warns of or ignores what strict decoding found, as the client asked. */
export function reportStrictErrors(
  call: Call,
  errors: readonly string[],
  validation: FieldValidation = readFieldValidation(call),
): void {
  if (errors.length === 0) return
  switch (validation) {
    case 'Strict':
      throw badRequest(
        cannotHandle(targetFor(call.target.kind), `strict decoding error: ${errors.join(', ')}`),
      )
    case 'Warn':
      call.warnings.push(...errors)
      return
    case 'Ignore':
      return
    default:
      validation satisfies never
  }
}
