import { DecodeProblem, unfitValue } from './decode-problem.ts'
import { countKeysInText, findDuplicateKeys } from './duplicate-keys.ts'
import { isJsonObject, type JsonObject, type JsonValue } from './json-value.ts'
import type { ObjectType } from './object-type.ts'
import { parseJson } from './parse-json.ts'
import { parseYaml } from './parse-yaml.ts'
import { walkObject } from './walk.ts'

/** What a body must be. */
export interface DecodeTarget {
  readonly type: ObjectType
  /** `v1` or `coordination.k8s.io/v1` */
  readonly apiVersion: string
  /** Earlier versions of the same form, which are taken for this one. @default none */
  readonly alsoVersions?: readonly string[]
  readonly kind: string
}

export type Decoded =
  | {
      readonly kind: 'decoded'
      readonly object: JsonObject
      /** Fields that the schema does not have: left out of `object`. */
      readonly unknownFields: readonly string[]
      /** Keys given more than once, 100 of them at the most: the last one counts. */
      readonly duplicateFields: readonly string[]
    }
  /**
   * `message` is what kube-apiserver answers with code 400; `patchMessage` the bare reason in
   * the words it has for the result of a strategic merge patch, `jsonMessage` for others.
   */
  | {
      readonly kind: 'invalid'
      readonly message: string
      readonly jsonMessage: string
      readonly patchMessage: string
    }

export type BodyFormat = 'json' | 'yaml'

/**
 * A request's body as an object of the kind that `target` tells, checked against its schema:
 * see walk.ts for what is made canonical. Where the body names no kind it gets the target's.
 */
export function decodeParsed(body: string, parsed: ParsedBody, target: DecodeTarget): Decoded {
  if (parsed.kind === 'invalid') {
    const { message, format } = parsed
    return unrecognized(body, target, format === 'yaml' ? message : unreadKind(message))
  }
  if (!isJsonObject(parsed.value)) {
    return unrecognized(body, target, unreadKind(unfitValue(parsed.value, versionAndKind)))
  }
  const decoded = decodeObject(parsed.value, target)
  if (decoded.kind === 'invalid' || parsed.duplicates.length === 0) return decoded
  const duplicateFields = parsed.duplicates.filter((path) => !isBelow(path, decoded.unknownFields))
  return { ...decoded, duplicateFields }
}

/**
 * An already parsed object, such as the result of a patch; never has duplicate fields.
 *
 * @param kept as walkObject takes it.
 */
export function decodeObject(value: JsonObject, target: DecodeTarget, kept?: JsonObject): Decoded {
  const mismatch = kindMismatch(value, target)
  if (mismatch !== undefined) return invalid(mismatch)
  try {
    const { object, unknownFields } = walkObject(value, target.type, kept)
    const { apiVersion, kind } = target
    const named =
      object['apiVersion'] === apiVersion && object['kind'] === kind
        ? object
        : { ...object, apiVersion, kind }
    return { kind: 'decoded', object: named, unknownFields, duplicateFields: [] }
  } catch (error) {
    if (!(error instanceof DecodeProblem)) throw error
    return invalid(cannotHandle(target, error.message), error.message, error.patchMessage)
  }
}

function invalid(message: string, jsonMessage = message, patchMessage = jsonMessage): Decoded {
  return { kind: 'invalid', message, jsonMessage, patchMessage }
}

/** `Pod in version "v1" cannot be handled as a Pod: why` */
export function cannotHandle(target: DecodeTarget, why: string): string {
  const version = target.apiVersion.replace(/^.*\//, '')
  return `${target.kind} in version "${version}" cannot be handled as a ${target.kind}: ${why}`
}

/** The entries of a strict decoding error and of its warnings, 100 at the most: `unknown field "spec.foo"`. */
export function strictErrors(decoded: {
  readonly unknownFields: readonly string[]
  readonly duplicateFields: readonly string[]
}): readonly string[] {
  return [
    ...decoded.unknownFields.map((path) => `unknown field "${path}"`),
    ...decoded.duplicateFields.map((path) => `duplicate field "${path}"`),
  ].slice(0, 100)
}

export type ParsedBody =
  | {
      readonly kind: 'parsed'
      readonly value: JsonValue
      readonly duplicates: readonly string[]
    }
  /** `format`: as what it could not be read. YAML is made JSON before anything else is looked at. */
  | { readonly kind: 'invalid'; readonly message: string; readonly format: BodyFormat }

/**
 * A body of no particular kind, such as a patch, with the paths of its repeated keys.
 *
 * @param findDuplicates false saves the search for them (fieldValidation=Ignore).
 */
export function parseBody(body: string, format: BodyFormat, findDuplicates = true): ParsedBody {
  if (format === 'yaml') return parseYaml(body)
  const parsed = parseJson(body)
  if (parsed.kind === 'invalid') return { ...parsed, format }
  const repeats = findDuplicates && countKeysInText(body) !== parsed.keys
  return { kind: 'parsed', value: parsed.value, duplicates: repeats ? findDuplicateKeys(body) : [] }
}

function isBelow(path: string, unknownFields: readonly string[]): boolean {
  return unknownFields.some(
    (unknown) => ['.', '['].includes(path.charAt(unknown.length)) && path.startsWith(unknown),
  )
}

function textOf(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function kindMismatch(value: JsonObject, target: DecodeTarget): string | undefined {
  const [apiVersion, kind] = [textOf(value['apiVersion']), textOf(value['kind'])]
  const isTaken = apiVersion === target.apiVersion || target.alsoVersions?.includes(apiVersion)
  if (apiVersion !== '' && isTaken !== true) {
    return `the API version in the data (${apiVersion}) does not match the expected API version (${target.apiVersion})`
  }
  if (kind === '' || kind === target.kind) return undefined
  const version = target.apiVersion.replace(/^.*\//, '')
  return `${kind} in version "${version}" cannot be handled as a ${target.kind}: converting (${version}.${kind}) to (${goPackage(target)}.${target.kind}): unknown conversion`
}

/** Where kube-apiserver has the type that it works with: events of both groups are one to it. */
function goPackage({ type }: DecodeTarget): string {
  const group = type.name.slice(0, type.name.indexOf('/'))
  return group === 'events' ? 'core' : group
}

/** What kube-apiserver reads a body into first: an unnamed type of Go. */
const versionAndKind =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'

/** The start of a body, as kube-apiserver quotes it: as text if it looks like JSON, else in hex. */
function summary(body: string): string {
  if (body === '') return '<empty>'
  const start = body.startsWith('{')
    ? body.slice(0, 30)
    : Buffer.from(body).subarray(0, 30).toString('hex')
  return body.length > 30 ? `${start} ...` : start
}

function unreadKind(why: string): string {
  return `couldn't get version/kind; json parse error: ${why}`
}

function unrecognized(body: string, target: DecodeTarget, why: string): Decoded {
  return invalid(
    `the object provided is unrecognized (must be of type ${target.kind}): ${why} (${summary(body)})`,
  )
}
