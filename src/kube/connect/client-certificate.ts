import { X509Certificate } from 'node:crypto'
import { KubeconfigError } from './kubeconfig-file.ts'

/**
 * Why a server may have refused a client certificate, as far as it tells itself.
 *
 * @throws KubeconfigError if it is not valid any more, or not yet.
 */
export function requireInTime(cert: string | undefined, now = Date.now()): void {
  if (cert === undefined) return
  const { validFromDate, validToDate } = new X509Certificate(cert)
  if (now > validToDate.getTime()) {
    const message = `Cannot log in: the client certificate of the kubeconfig has expired on ${dayOf(validToDate)}`
    throw new KubeconfigError(message)
  }
  if (now < validFromDate.getTime()) {
    const message = `Cannot log in: the client certificate of the kubeconfig is valid from ${dayOf(validFromDate)} on. Is this machine's clock right?`
    throw new KubeconfigError(message)
  }
}

const dayOf = (date: Date): string => date.toISOString().slice(0, 10)

/**
 * Before a certificate or a key is used: what OpenSSL says of one names no place.
 *
 * @throws KubeconfigError if `text` holds no PEM.
 */
export function requirePem(text: string | undefined, what: string): string | undefined {
  if (text === undefined || text.includes('-----BEGIN ')) return text
  throw new KubeconfigError(`Cannot use the ${what} of the kubeconfig: it is not PEM`)
}
