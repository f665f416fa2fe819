import { errorCode } from '../../domain/error-code.ts'
import { KubeconfigError } from '../connect/kubeconfig-file.ts'
import { KubeError } from './kube-error.ts'

const meaning: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there. Is the API server running, and is the address right?',
  ENOTFOUND: 'the host name is unknown. Is the address right, and is DNS or a VPN up?',
  EAI_AGAIN: 'the host name could not be looked up. Is the network up?',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  UND_ERR_SOCKET: 'the connection was cut',
  ETIMEDOUT: 'it did not answer in time. Is a firewall or a VPN in between?',
  EHOSTUNREACH: 'there is no way to that host. Is the network or a VPN up?',
  ENETUNREACH: 'there is no way to that network. Is the network or a VPN up?',
}

const certificateMeaning: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "the server's certificate has expired",
  CERT_NOT_YET_VALID: "the server's certificate is not valid yet. Is this machine's clock right?",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the kubeconfig's certificate authority has not signed it",
  SELF_SIGNED_CERT_IN_CHAIN: "the kubeconfig's certificate authority has not signed it",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the kubeconfig's certificate authority has not signed it",
  CERT_SIGNATURE_FAILURE: "the kubeconfig's certificate authority has not signed it",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "the kubeconfig's certificate authority has not signed it",
  ERR_TLS_CERT_ALTNAME_INVALID: "the server's certificate is for another host name",
}

/** System errors hide below others: `fetch failed` has the cause, a dual-stack dial several. */
function systemCode(error: unknown, depth = 0): string | undefined {
  if (!(error instanceof Error) || depth > 4) return undefined
  const code = errorCode(error)
  if (typeof code === 'string' && code !== '') return code
  const inner = error instanceof AggregateError ? error.errors : [error.cause]
  return inner.map((one) => systemCode(one, depth + 1)).find((code) => code !== undefined)
}

/** What to throw when a request to `server` got no answer: one line with the likely cause. */
export function unreachable(server: string, cause: unknown): KubeError {
  // Nothing was sent: it says by itself what could not be done.
  if (cause instanceof KubeconfigError) {
    return new KubeError(cause.message, { code: 0, reason: 'Credentials', cause })
  }
  const code = systemCode(cause)
  const certificate = code === undefined ? undefined : certificateMeaning[code]
  if (certificate !== undefined) {
    const message = `Cannot trust the API server ${server}: ${certificate} (${code})`
    return new KubeError(message, { code: 0, reason: 'Certificate', cause })
  }
  const text = cause instanceof Error ? cause.message : String(cause)
  const known = code === undefined ? undefined : meaning[code]
  const why = known === undefined ? text : `${known} (${code})`
  const message = `Cannot reach the API server ${server}: ${why}`
  return new KubeError(message, { code: 0, reason: 'Unreachable', cause })
}
