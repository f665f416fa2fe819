import { sign, verify } from 'node:crypto'
import { isJsonObject, type JsonObject, type JsonValue } from '../schema/json-value.ts'
import type { TokenKey } from './token-key.ts'

const algorithm = 'ES256'
/** r and s side by side, as JSON Web Signatures have them. */
const dsaEncoding = 'ieee-p1363'

/** `claims` as a signed token (RFC 7519, ES256). */
export function signToken(key: TokenKey, claims: JsonObject): string {
  const head = `${encode({ alg: algorithm, kid: key.id })}.${encode(claims)}`
  const signature = sign('sha256', Buffer.from(head), { key: key.privateKey, dsaEncoding })
  return `${head}.${signature.toString('base64url')}`
}

/** The claims of a token that `key` has signed; undefined for any other text. */
export function verifiedClaims(key: TokenKey, token: string): JsonObject | undefined {
  const [head = '', body = '', signature = '', ...more] = token.split('.')
  if (more.length > 0) return undefined
  const { alg, kid } = decode(head) ?? {}
  if (alg !== algorithm || kid !== key.id) return undefined
  const good = verify(
    'sha256',
    Buffer.from(`${head}.${body}`),
    { key: key.publicKey, dsaEncoding },
    Buffer.from(signature, 'base64url'),
  )
  return good ? decode(body) : undefined
}

function encode(value: JsonObject): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function decode(part: string): JsonObject | undefined {
  try {
    const value = JSON.parse(Buffer.from(part, 'base64url').toString()) as JsonValue
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
