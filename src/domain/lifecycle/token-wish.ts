import type { PodSpec } from '../pod.ts'

/** A token of the pod's service account that a volume is to hold. */
export interface TokenWish {
  /** Whom it is for; empty is the API server itself. */
  readonly audience: string
  readonly expirationSeconds: number
}

export interface Token {
  readonly token: string
  /** When it is given and when it ends: milliseconds since 1970. */
  readonly from: number
  readonly until: number
}

const defaultSeconds = 3600
const dayMs = 86_400_000

export function tokenWishesOf({ volumes = [] }: PodSpec): readonly TokenWish[] {
  return volumes
    .flatMap(({ projected }) => projected?.sources ?? [])
    .flatMap(({ serviceAccountToken }) =>
      serviceAccountToken === undefined ? [] : [tokenWish(serviceAccountToken)],
    )
}

export function tokenWish(source: {
  readonly audience?: string
  readonly expirationSeconds?: number
}): TokenWish {
  const { audience = '', expirationSeconds = defaultSeconds } = source
  return { audience, expirationSeconds }
}

/** When a token is to be replaced: after 80 % of its time, a day at most (kubelet's token manager). */
export function renewAt({ from, until }: Token): number {
  return Math.min(from + (until - from) * 0.8, from + dayMs)
}
