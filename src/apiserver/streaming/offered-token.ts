/** Browsers can send a token with a WebSocket only as one of the protocols that they offer. */
const prefix = 'base64url.bearer.authorization.k8s.io.'

/**
 * The bearer token among the protocols in a Sec-WebSocket-Protocol header. There must be another
 * protocol besides it, since the token's is never chosen.
 *
 * @see Kubernetes apiserver/pkg/authentication/request/websocket/protocol.go
 */
export function offeredToken(header: string | undefined): string | undefined {
  const offered = namesIn(header)
  const [named, ...more] = offered.filter((name) => name.startsWith(prefix))
  if (named === undefined || more.length > 0 || offered.length === 1) return undefined
  return Buffer.from(named.slice(prefix.length), 'base64url').toString()
}

/** The protocols that are none but a token, joined as a header has them. */
export function withoutToken(header: string): string {
  return namesIn(header)
    .filter((name) => !name.startsWith(prefix))
    .join(', ')
}

function namesIn(header = ''): readonly string[] {
  return header
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}
