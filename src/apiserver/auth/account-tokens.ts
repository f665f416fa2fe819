import type { User } from '../call.ts'
import type { KubeObject } from '../kube-object.ts'
import type { Store } from '../store/store.ts'
import { tokenIn } from '../token-secret.ts'
import { signToken, verifiedClaims } from './json-web-token.ts'
import { issuer, keptClaims, readClaims, type Named, type TokenClaims } from './token-claims.ts'
import type { TokenKey } from './token-key.ts'

/** An object that a token is good for only as long as it is there. */
export interface BoundObject {
  readonly kind: 'Pod' | 'Secret' | 'Node'
  readonly name: string
  readonly uid: string
}

export interface TokenRequest {
  readonly account: KubeObject
  readonly audiences: readonly string[]
  /** Seconds from now. */
  readonly lifetime: number
  readonly bound?: BoundObject
  /** Of the bound pod. */
  readonly node?: string
}

export type TokenVerdict =
  | { readonly kind: 'known'; readonly user: User; readonly audiences: readonly string[] }
  | { readonly kind: 'refused'; readonly why: string }

/** Signatures are not checked again for a token that was good before; the rest is. */
const mostRemembered = 1000

/**
 * Tokens by which service accounts are known, as kube-apiserver signs and checks them:
 * good until they expire, or the account or the object that they are bound to is gone.
 */
export class AccountTokens {
  readonly #key: TokenKey
  readonly #store: Store
  readonly #now: () => number
  readonly #remembered = new Map<string, TokenClaims>()

  constructor(key: TokenKey, store: Store, now: () => number) {
    this.#key = key
    this.#store = store
    this.#now = now
  }

  /** A token and when it expires, in milliseconds since 1970. */
  issue(request: TokenRequest): { readonly token: string; readonly expires: number } {
    const { account, audiences, lifetime, bound, node } = request
    const { name, namespace = '', uid = '' } = account.metadata
    const seconds = Math.floor(this.#now() / 1000)
    const exp = seconds + lifetime
    const nodeUid = this.#store.collection('nodes').get(node ?? '')?.object.metadata.uid
    const token = signToken(this.#key, {
      aud: audiences.length === 0 ? [issuer] : [...audiences],
      exp,
      iat: seconds,
      iss: issuer,
      jti: crypto.randomUUID(),
      'kubernetes.io': {
        namespace,
        ...(node === undefined || nodeUid === undefined
          ? {}
          : { node: { name: node, uid: nodeUid } }),
        ...(bound === undefined
          ? {}
          : { [bound.kind.toLowerCase()]: { name: bound.name, uid: bound.uid } }),
        serviceaccount: { name, uid },
      },
      nbf: seconds,
      sub: `system:serviceaccount:${namespace}:${name}`,
    })
    return { token, expires: exp * 1000 }
  }

  /** A token that does not expire, to be kept in a secret of that name. */
  issueKept(account: KubeObject, secret: string): string {
    return signToken(this.#key, keptClaims(account.metadata, secret))
  }

  /**
   * Whose token it is.
   *
   * @param audiences of which the token must name one. @default this server
   */
  check(token: string, audiences: readonly string[] = [issuer]): TokenVerdict {
    const claims = this.#claims(token)
    if (claims === undefined) return { kind: 'refused', why: 'the token is not one of this server' }
    const seconds = this.#now() / 1000
    if (seconds >= claims.expires) return { kind: 'refused', why: 'the token has expired' }
    if (seconds < claims.notBefore) return { kind: 'refused', why: 'the token is not yet good' }
    const shared = claims.audiences.filter((one) => audiences.includes(one))
    if (shared.length === 0) {
      const why = `the token is for ${claims.audiences.join(', ')}, not for ${audiences.join(', ')}`
      return { kind: 'refused', why }
    }
    const gone = this.#missing(claims, token)
    if (gone !== undefined) return { kind: 'refused', why: `${gone} is gone` }
    return { kind: 'known', user: userOf(claims), audiences: shared }
  }

  #claims(token: string): TokenClaims | undefined {
    const known = this.#remembered.get(token)
    if (known !== undefined) return known
    const claims = readClaims(verifiedClaims(this.#key, token))
    if (claims === undefined) return undefined
    if (this.#remembered.size >= mostRemembered) this.#remembered.clear()
    this.#remembered.set(token, claims)
    return claims
  }

  #missing(claims: TokenClaims, token: string): string | undefined {
    const { namespace, account, pod, secret, node, keptIn } = claims
    const isThere = (resource: string, { uid }: Named, key: string) =>
      this.#store.collection(resource).get(key)?.object.metadata.uid === uid
    const isHere = (resource: string, named: Named) =>
      isThere(resource, named, `${namespace}/${named.name}`)
    if (!isHere('serviceaccounts', account)) return `service account ${namespace}/${account.name}`
    if (pod !== undefined && !isHere('pods', pod)) return `pod ${namespace}/${pod.name}`
    if (secret !== undefined && !isHere('secrets', secret)) {
      return `secret ${namespace}/${secret.name}`
    }
    // A pod's token only tells of its node; one without a pod is bound to it.
    if (node !== undefined && pod === undefined && !isThere('nodes', node, node.name)) {
      return `node ${node.name}`
    }
    if (keptIn === undefined) return undefined
    const kept = this.#store.collection('secrets').get(`${namespace}/${keptIn}`)?.object
    const holds = kept?.metadata.deletionTimestamp === undefined && tokenIn(kept) === token
    return holds ? undefined : `the token in secret ${namespace}/${keptIn}`
  }
}

function userOf({ namespace, account, pod, node, id }: TokenClaims): User {
  const group = 'system:serviceaccounts'
  return {
    name: `system:serviceaccount:${namespace}:${account.name}`,
    uid: account.uid,
    groups: [group, `${group}:${namespace}`, 'system:authenticated'],
    extra: {
      ...(id === '' ? {} : { 'authentication.kubernetes.io/credential-id': [`JTI=${id}`] }),
      ...(node === undefined
        ? {}
        : {
            'authentication.kubernetes.io/node-name': [node.name],
            'authentication.kubernetes.io/node-uid': [node.uid],
          }),
      ...(pod === undefined
        ? {}
        : {
            'authentication.kubernetes.io/pod-name': [pod.name],
            'authentication.kubernetes.io/pod-uid': [pod.uid],
          }),
    },
  }
}
