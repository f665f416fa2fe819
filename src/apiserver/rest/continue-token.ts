import { unfitField, unfitValue } from '../schema/decode-problem.ts'
import { jsonSyntaxError } from '../schema/json-syntax-error.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../schema/json-value.ts'
import { badRequest, type StatusError } from '../status-error.ts'

/** Where the next page of a list begins, and of which state. */
export interface ContinueToken {
  /** The resourceVersion of the first page; a negative one takes whatever is there now. */
  readonly version: number
  /** The first key of the page, without the prefix that all keys share. */
  readonly start: string
}

const format = 'meta.k8s.io/v1'

export function printContinue({ version, start }: ContinueToken): string {
  return Buffer.from(JSON.stringify({ v: format, rv: version, start })).toString('base64url')
}

/**
 * @throws StatusError 400 when the text is not a token of ours.
 * @see Kubernetes apiserver/pkg/storage/continue.go
 */
export function parseContinue(text: string): ContinueToken {
  const { v, rv, start } = readToken(text)
  if (v !== format) throw wrongToken(`server does not recognize this encoded version ${v}`)
  if (rv === 0) throw wrongToken(`incorrect encoded start resourceVersion (version ${format})`)
  if (start === '') throw wrongToken(`encoded start key empty (version ${format})`)
  if (!isPlainPath(start)) throw wrongToken(start)
  return { version: rv, start }
}

/** Steps such as `..` could lead elsewhere. */
function isPlainPath(start: string): boolean {
  const steps = start.replace(/^\//, '').split('/')
  return start === '/' || steps.every((step) => !['', '.', '..'].includes(step))
}

function wrongToken(why: string): StatusError {
  return badRequest(`invalid continue token: continue key is not valid: ${why}`)
}

interface Token {
  readonly v: string
  readonly rv: number
  readonly start: string
}

function readToken(text: string): Token {
  const wrong = wrongAt(text)
  if (wrong !== undefined) throw wrongToken(`illegal base64 data at input byte ${wrong}`)
  const json = Buffer.from(text, 'base64url').toString('utf8')
  const problem = jsonSyntaxError(json)
  if (problem !== undefined) throw wrongToken(problem)
  const value = (JSON.parse(json) ?? {}) as JsonValue
  if (!isJsonObject(value)) throw wrongToken(unfitValue(value, 'storage.continueToken'))
  return { v: textIn(value, 'v'), rv: numberIn(value, 'rv'), start: textIn(value, 'start') }
}

function textIn(token: JsonObject, name: keyof Token): string {
  const value = token[name] ?? ''
  if (typeof value === 'string') return value
  throw wrongToken(unfitField(value, `continueToken.${name}`, 'string'))
}

function numberIn(token: JsonObject, name: keyof Token): number {
  const value = token[name] ?? 0
  if (typeof value === 'number' && Number.isInteger(value)) return value
  throw wrongToken(unfitField(value, `continueToken.${name}`, 'int64'))
}

/** The index of what cannot be base64 for URLs without padding, as Go's encoding/base64 tells it. */
function wrongAt(text: string): number | undefined {
  const strange = text.search(/[^\w-]/)
  if (strange !== -1) return strange
  return text.length % 4 === 1 ? text.length - 1 : undefined
}
