import { readFileSync } from 'node:fs'
import { requirePem } from './client-certificate.ts'
import { execCredentials, type Credentials } from './exec-credentials.ts'
import { KubeconfigError, type KubeconfigCluster, type KubeconfigUser } from './kubeconfig-file.ts'

/** Gives credentials, from memory while they are good; others than those that the server `refused`. */
export type CredentialSource = (refused?: Credentials) => Promise<Credentials>

/** As client-go: the kubelet renews a pod's token file long before the old token expires. */
const tokenFileMs = 60_000
/** Credentials that expire this soon are not used any more. */
const marginMs = 10_000

/** The text of `data` (base64), else of the file; `undefined` without both. */
export function pem(data: string | undefined, file: string | undefined): string | undefined {
  if (data) return Buffer.from(data, 'base64').toString('utf8')
  if (!file) return undefined
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new KubeconfigError(`Cannot read ${file}, which the kubeconfig names: ${why}`, { cause })
  }
}

/**
 * Keeps what `load` gives until it expires or is refused; one load at a time, also for many
 * requests that were refused together.
 */
function remembering(load: () => Promise<Credentials>): CredentialSource {
  let known: Credentials | undefined
  let loading: Promise<Credentials> | undefined
  const isGood = ({ expiresAt = Infinity }: Credentials) => Date.now() < expiresAt - marginMs
  return async (refused) => {
    const isStale = loading !== undefined || known === refused
    if (known !== undefined && !isStale && isGood(known)) return known
    loading ??= load().finally(() => (loading = undefined))
    const loaded = await loading
    known = loaded
    return loaded
  }
}

function impersonation(user: KubeconfigUser): readonly (readonly [string, string])[] {
  const extra = Object.entries(user['as-user-extra'] ?? {})
  return [
    ...(user.as ? [['impersonate-user', user.as] as const] : []),
    ...(user['as-uid'] ? [['impersonate-uid', user['as-uid']] as const] : []),
    ...(user['as-groups'] ?? []).map((group) => ['impersonate-group', group] as const),
    ...extra.flatMap(([key, values]) =>
      values.map((value) => [`impersonate-extra-${encodeURIComponent(key)}`, value] as const),
    ),
  ]
}

/** Headers of `--as` and its kin. A name may come several times. */
export function impersonationHeaders(
  user: KubeconfigUser,
): Readonly<Record<string, readonly string[]>> {
  const headers: Record<string, string[]> = {}
  for (const [name, value] of impersonation(user)) (headers[name] ??= []).push(value)
  return headers
}

function fixedCredentials(user: KubeconfigUser): Credentials {
  const cert = requirePem(
    pem(user['client-certificate-data'], user['client-certificate']),
    'client certificate',
  )
  const key = requirePem(pem(user['client-key-data'], user['client-key']), 'client key')
  if (user.token) return { headers: { authorization: `Bearer ${user.token}` }, cert, key }
  if (user.username === undefined) return { headers: {}, cert, key }
  const pair = Buffer.from(`${user.username}:${user.password ?? ''}`).toString('base64')
  return { headers: { authorization: `Basic ${pair}` }, cert, key }
}

/** The credentials of a kubeconfig's user: certificate, token, token file, password, or a program. */
export function credentialSource(
  user: KubeconfigUser,
  cluster: KubeconfigCluster,
): CredentialSource {
  const { exec, tokenFile } = user
  if (tokenFile) {
    return remembering(async () => {
      const token = pem(undefined, tokenFile)?.trim()
      return {
        ...fixedCredentials({ ...user, ...(token ? { token } : {}) }),
        expiresAt: Date.now() + tokenFileMs + marginMs,
      }
    })
  }
  // A token or certificate of its own goes before the program, as with kubectl.
  const isPlain = user.token || user['client-certificate'] || user['client-certificate-data']
  if (exec && !isPlain) return remembering(() => execCredentials(exec, cluster))
  return remembering(async () => fixedCredentials(user))
}
