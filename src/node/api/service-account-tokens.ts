import {
  renewAt,
  type Token,
  type TokenWish,
  tokenWishesOf,
} from '../../domain/lifecycle/token-wish.ts'
import type { Pod } from '../../domain/pod.ts'
import type { Api } from './api.ts'

interface TokenRequest {
  readonly status: { readonly token: string; readonly expirationTimestamp: string }
}

/** The service account tokens that pods' volumes hold, by pod; bound to the pod and renewed in time. */
export class ServiceAccountTokens {
  readonly #api: Api
  readonly #now: () => Date
  readonly #onError: (message: string, error: unknown) => void
  readonly #byPod = new Map<string, Map<string, Token>>()

  constructor(api: Api, now: () => Date, onError: (message: string, error: unknown) => void) {
    this.#api = api
    this.#now = now
    this.#onError = onError
  }

  /** Asks for the tokens that are missing or due. One that cannot be had is asked for again later. */
  async ensure(pod: Pod): Promise<void> {
    const uid = pod.metadata.uid ?? ''
    for (const wish of tokenWishesOf(pod.spec)) {
      const tokens = this.#byPod.get(uid) ?? new Map<string, Token>()
      this.#byPod.set(uid, tokens)
      const known = tokens.get(keyOf(wish))
      if (known !== undefined && renewAt(known) > this.#now().getTime()) continue
      try {
        tokens.set(keyOf(wish), await this.#request(pod, wish))
      } catch (error) {
        this.#onError(`Cannot get a token for pod ${pod.metadata.name}`, error)
      }
    }
  }

  get(uid: string, wish: TokenWish): string | undefined {
    return this.#byPod.get(uid)?.get(keyOf(wish))?.token
  }

  /** When the next token of the pod is due; undefined if it has none. */
  dueAt(uid: string): number | undefined {
    const times = [...(this.#byPod.get(uid)?.values() ?? [])].map(renewAt)
    return times.length === 0 ? undefined : Math.min(...times)
  }

  forget(uid: string): void {
    this.#byPod.delete(uid)
  }

  async #request({ metadata, spec }: Pod, wish: TokenWish): Promise<Token> {
    const { namespace = 'default', name, uid } = metadata
    const account = spec.serviceAccountName ?? 'default'
    const from = this.#now().getTime()
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`
    const request = (await this.#api.create(path, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: {
        audiences: wish.audience === '' ? [] : [wish.audience],
        expirationSeconds: wish.expirationSeconds,
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
      },
    })) as TokenRequest
    const { token, expirationTimestamp } = request.status
    return { token, from, until: Date.parse(expirationTimestamp) }
  }
}

function keyOf({ audience, expirationSeconds }: TokenWish): string {
  return `${expirationSeconds} ${audience}`
}
