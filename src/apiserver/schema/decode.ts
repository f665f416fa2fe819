import { cannotHandle, DecodeProblem, unfitField, unfitValue } from './decode-problem.ts'
import { isJsonObject, type JsonObject } from './json-value.ts'
import { kindMismatch } from './kind-mismatch.ts'
import type { DecodeTarget } from './decode-target.ts'
import type { ParsedBody } from './parse-body.ts'
import { walkObject } from './walk.ts'

export type Decoded =
  | {
      readonly kind: 'decoded'
      readonly object: JsonObject
      /** Fields that the schema does not have: left out of `object`. */
      readonly unknownFields: readonly string[]
      /** Keys given more than once, 100 of them at the most: the last one counts. */
      readonly duplicateFields: readonly string[]
      /** The same of YAML, as its reader tells it. @default none */
      readonly repeatedInYaml?: readonly string[]
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

/**
 * A request's body as an object of the kind that `target` tells, checked against its schema:
 * see walk.ts for what is made canonical. Where the body names no kind it gets the target's.
 */
export function decodeParsed(body: string, parsed: ParsedBody, target: DecodeTarget): Decoded {
  if (parsed.kind === 'invalid') {
    const { message, format } = parsed
    return unrecognized(body, target, format === 'yaml' ? message : unreadKind(message))
  }
  // To Go null is nothing, and fills in nothing.
  const value = parsed.value ?? {}
  const unread = isJsonObject(value) ? unreadName(value) : unfitValue(value, versionAndKind)
  if (!isJsonObject(value) || unread !== undefined) {
    return unrecognized(body, target, unreadKind(unread ?? ''))
  }
  const decoded = decodeObject(value, target)
  const { duplicates = [], repeated = [] } = parsed
  if (decoded.kind === 'invalid' || duplicates.length + repeated.length === 0) return decoded
  const duplicateFields = duplicates.filter((path) => !isBelow(path, decoded.unknownFields))
  return { ...decoded, duplicateFields, repeatedInYaml: repeated }
}

/** What is wrong with the names of its version and kind, which are read before all else. */
function unreadName(value: JsonObject): string | undefined {
  const named = Object.entries(value).filter(([key]) => key === 'apiVersion' || key === 'kind')
  const wrong = named.find(([, name]) => name !== null && typeof name !== 'string')
  return wrong && unfitField(wrong[1], `.${wrong[0]}`, 'string')
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

function isBelow(path: string, unknownFields: readonly string[]): boolean {
  return unknownFields.some(
    (unknown) => ['.', '['].includes(path.charAt(unknown.length)) && path.startsWith(unknown),
  )
}

/** What kube-apiserver reads a body into first: an unnamed type of Go. */
export const versionAndKind =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'

/** The start of a body, as kube-apiserver quotes it: as text if it looks like JSON, else in hex. */
function summary(body: string): string {
  if (body === '') return '<empty>'
  const start = body.startsWith('{')
    ? body.slice(0, 30)
    : Buffer.from(body).subarray(0, 30).toString('hex')
  return body.length > 30 ? `${start} ...` : start
}

export function unreadKind(why: string): string {
  return `couldn't get version/kind; json parse error: ${why}`
}

function unrecognized(body: string, target: DecodeTarget, why: string): Decoded {
  return invalid(
    `the object provided is unrecognized (must be of type ${target.kind}): ${why} (${summary(body)})`,
  )
}
