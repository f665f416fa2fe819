import { spawn } from 'node:child_process'
import { errorCode } from '../../domain/error-code.ts'
import type { KubeconfigCluster, KubeconfigExec } from './kubeconfig-file.ts'
import { KubeconfigError } from './kubeconfig-file.ts'

/** What a request needs to be let in. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string>>
  /** PEM. */
  readonly cert?: string | undefined
  /** PEM. */
  readonly key?: string | undefined
  /** Milliseconds since 1970. */
  readonly expiresAt?: number | undefined
}

/** The part of an ExecCredential (client.authentication.k8s.io) that comes back. */
interface ExecStatus {
  readonly token?: string
  readonly clientCertificateData?: string
  readonly clientKeyData?: string
  readonly expirationTimestamp?: string
}

function clusterInfo(cluster: KubeconfigCluster) {
  return {
    server: cluster.server,
    'tls-server-name': cluster['tls-server-name'],
    'insecure-skip-tls-verify': cluster['insecure-skip-tls-verify'],
    'certificate-authority-data': cluster['certificate-authority-data'],
    'proxy-url': cluster['proxy-url'],
  }
}

/** The environment variable KUBERNETES_EXEC_INFO: what the program is told about its task. */
function execInfo(exec: KubeconfigExec, cluster: KubeconfigCluster, interactive: boolean): string {
  const { apiVersion = 'client.authentication.k8s.io/v1' } = exec
  const about = exec.provideClusterInfo ? { cluster: clusterInfo(cluster) } : {}
  return JSON.stringify({ apiVersion, kind: 'ExecCredential', spec: { interactive, ...about } })
}

function run(exec: KubeconfigExec, cluster: KubeconfigCluster): Promise<string> {
  const interactive = exec.interactiveMode !== 'Never' && process.stdin.isTTY
  const extra = Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value]))
  const info = execInfo(exec, cluster, interactive)
  const env = { ...process.env, ...extra, KUBERNETES_EXEC_INFO: info }
  const what = `the credential program ${exec.command} of the kubeconfig`
  return new Promise((resolve, reject) => {
    // stderr stays the user's: logins ask and explain there.
    const stdio = [interactive ? 'inherit' : 'ignore', 'pipe', 'inherit'] as const
    const child = spawn(exec.command, [...(exec.args ?? [])], { env, stdio: [...stdio] })
    let output = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text))
    child.once('error', (cause) => {
      const isMissing = errorCode(cause) === 'ENOENT'
      const why = isMissing ? `it is not installed. ${exec.installHint ?? ''}` : cause.message
      reject(new KubeconfigError(`Cannot run ${what}: ${why.trim()}`, { cause }))
    })
    child.once('close', (code, signal) => {
      if (code === 0) resolve(output)
      else reject(new KubeconfigError(`Cannot log in: ${what} ended with ${code ?? signal}`))
    })
  })
}

function statusIn(output: string, command: string): ExecStatus {
  try {
    const { status } = JSON.parse(output) as { status?: ExecStatus }
    if (status?.token || (status?.clientCertificateData && status.clientKeyData)) return status
  } catch {
    // Told below.
  }
  const message = `Cannot use what the credential program ${command} printed: it must be an ExecCredential with a token or a client certificate and key`
  throw new KubeconfigError(message)
}

/**
 * Runs the program that a kubeconfig names and takes its credentials.
 *
 * @throws KubeconfigError if it is missing, fails, or prints something else.
 * @see https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
 */
export async function execCredentials(
  exec: KubeconfigExec,
  cluster: KubeconfigCluster,
): Promise<Credentials> {
  const status = statusIn(await run(exec, cluster), exec.command)
  const expiresAt = Date.parse(status.expirationTimestamp ?? '')
  return {
    headers: status.token ? { authorization: `Bearer ${status.token}` } : {},
    cert: status.clientCertificateData,
    key: status.clientKeyData,
    expiresAt: Number.isNaN(expiresAt) ? undefined : expiresAt,
  }
}
