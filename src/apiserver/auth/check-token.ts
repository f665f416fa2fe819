import type { ServerParts } from '../call.ts'
import type { TokenVerdict } from './account-tokens.ts'
import { issuer } from './token-claims.ts'

/**
 * Whose bearer token it is: a known one's, or a service account's.
 *
 * @param audiences of which the token must name one; known tokens are for this server.
 *   @default this server
 */
export function checkToken(
  { knownTokens, tokens }: Pick<ServerParts, 'knownTokens' | 'tokens'>,
  token: string,
  audiences: readonly string[] = [issuer],
): TokenVerdict {
  const user = knownTokens.userOf(token)
  if (user === undefined) return tokens.check(token, audiences)
  return audiences.includes(issuer)
    ? { kind: 'known', user, audiences: [issuer] }
    : { kind: 'refused', why: `the token is for ${issuer}, not for ${audiences.join(', ')}` }
}
