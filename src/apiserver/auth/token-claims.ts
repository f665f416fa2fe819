import { isJsonObject, type JsonObject, type JsonValue } from '../schema/json-value.ts'

/** Who makes the tokens, and whom they are for unless they say otherwise. */
export const issuer = 'https://kubernetes.default.svc.cluster.local'

/** Names the tokens that secrets keep: as old as service accounts, and without an end. */
const keptIssuer = 'kubernetes/serviceaccount'
const keptPrefix = 'kubernetes.io/serviceaccount'

export interface Named {
  readonly name: string
  readonly uid: string
}

/** What a token says of its holder. */
export interface TokenClaims {
  readonly audiences: readonly string[]
  /** Seconds since 1970. */
  readonly expires: number
  readonly notBefore: number
  /** Empty for a token without one. */
  readonly id: string
  readonly namespace: string
  readonly account: Named
  readonly pod?: Named
  readonly secret?: Named
  readonly node?: Named
  /** The name of the secret that must hold this very token. */
  readonly keptIn?: string
}

/** What a signed token says; undefined where its issuer is none of this server's. */
export function readClaims(claims: JsonObject | undefined): TokenClaims | undefined {
  if (claims?.['iss'] === issuer) return readRequested(claims)
  return claims?.['iss'] === keptIssuer ? readKept(claims) : undefined
}

/** @see Kubernetes pkg/serviceaccount/legacy.go, LegacyClaims */
export function keptClaims(
  account: { readonly name: string; readonly namespace?: string; readonly uid?: string },
  secret: string,
): JsonObject {
  const { name, namespace = '', uid = '' } = account
  return {
    iss: keptIssuer,
    [`${keptPrefix}/namespace`]: namespace,
    [`${keptPrefix}/secret.name`]: secret,
    [`${keptPrefix}/service-account.name`]: name,
    [`${keptPrefix}/service-account.uid`]: uid,
    sub: `system:serviceaccount:${namespace}:${name}`,
  }
}

function readKept(claims: JsonObject): TokenClaims | undefined {
  const [namespace, keptIn, name, uid] = [
    'namespace',
    'secret.name',
    'service-account.name',
    'service-account.uid',
  ].map((key) => claims[`${keptPrefix}/${key}`])
  const account = named({ name: name ?? null, uid: uid ?? null })
  if (typeof namespace !== 'string' || typeof keptIn !== 'string' || account === undefined) {
    return undefined
  }
  const [expires, notBefore] = [Number.POSITIVE_INFINITY, 0]
  return { audiences: [issuer], expires, notBefore, id: '', namespace, account, keptIn }
}

function readRequested(claims: JsonObject): TokenClaims | undefined {
  const about = claims['kubernetes.io']
  if (!isJsonObject(about)) return undefined
  const { aud, exp, nbf, jti } = claims
  const account = named(about['serviceaccount'])
  const { namespace } = about
  if (typeof exp !== 'number' || typeof namespace !== 'string' || account === undefined) {
    return undefined
  }
  const [pod, secret, node] = [about['pod'], about['secret'], about['node']].map(named)
  return {
    audiences: (Array.isArray(aud) ? aud : [aud]).filter((one) => typeof one === 'string'),
    expires: exp,
    notBefore: typeof nbf === 'number' ? nbf : 0,
    id: typeof jti === 'string' ? jti : '',
    namespace,
    account,
    ...(pod && { pod }),
    ...(secret && { secret }),
    ...(node && { node }),
  }
}

function named(value: JsonValue | undefined): Named | undefined {
  if (!isJsonObject(value)) return undefined
  const { name, uid } = value
  return typeof name === 'string' && typeof uid === 'string' ? { name, uid } : undefined
}
