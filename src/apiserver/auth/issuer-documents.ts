import { issuer } from './token-claims.ts'
import type { TokenKey } from './token-key.ts'

/**
 * What tells others how to check service account tokens by themselves.
 *
 * @param host by which the client knows this server.
 * @see Kubernetes pkg/serviceaccount/openidmetadata.go
 */
export function issuerConfiguration(host: string): object {
  return {
    issuer,
    jwks_uri: `https://${host}/openid/v1/jwks`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
  }
}

/** The public keys by which tokens are checked, as RFC 7517 has them. */
export function issuerKeys({ id, publicKey }: TokenKey): object {
  return { keys: [{ use: 'sig', kid: id, alg: 'ES256', ...publicKey.export({ format: 'jwk' }) }] }
}
