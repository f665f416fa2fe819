import { createHash, timingSafeEqual } from 'node:crypto'
import type { User } from '../call.ts'

export interface KnownToken {
  readonly token: string
  readonly user: User
}

/** Tokens that were agreed on beforehand, by their digests: comparing tells nothing about them. */
export class KnownTokens {
  readonly #known: readonly { readonly digest: Buffer; readonly user: User }[]

  constructor(known: readonly KnownToken[] = []) {
    this.#known = known.map(({ token, user }) => ({ digest: digestOf(token), user }))
  }

  /** Whose token it is; undefined for one that is not known. */
  userOf(token: string): User | undefined {
    const digest = digestOf(token)
    return this.#known.find((one) => timingSafeEqual(one.digest, digest))?.user
  }
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
