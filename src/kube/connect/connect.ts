import { requireInTime } from './client-certificate.ts'
import {
  credentialSource,
  impersonationHeaders,
  pem,
  type CredentialSource,
} from './credentials.ts'
import type { Credentials } from './exec-credentials.ts'
import type { Fetch } from './fetch.ts'
import { findKubeconfig, type KubeconfigSearch } from './find-kubeconfig.ts'
import { bodyOf, createHttpFetch, type HttpFetch } from './http-fetch.ts'
import { inClusterTarget, targetOf, type KubeTarget } from './kube-target.ts'
import { KubeconfigError, type KubeconfigCluster } from './kubeconfig-file.ts'

export interface ConnectOptions extends KubeconfigSearch {
  /** `--context`. @default the kubeconfig's current one */
  readonly context?: string | undefined
  /** `--as`: act as this user. */
  readonly as?: string | undefined
  /** `--as-group` */
  readonly asGroups?: readonly string[] | undefined
}

/** A way to an API server, ready for requests. Nothing has been sent yet. */
export interface Connection extends Disposable {
  readonly fetch: Fetch
  /** Base URL without a trailing slash. */
  readonly server: string
  readonly context: string
  /** The kubeconfig files that say so; none inside of a cluster. */
  readonly files: readonly string[]
  /** The namespace of the context, `default` if it names none. */
  readonly namespace: string
  /** What was connected to, for other transports than `fetch`. */
  readonly target: KubeTarget
}

/** The kubeconfig's own proxy goes before the environment's. */
function proxyOf(cluster: KubeconfigCluster, env: KubeconfigSearch['env'] = process.env) {
  const url = cluster['proxy-url']
  return url ? { HTTP_PROXY: url, HTTPS_PROXY: url } : env
}

function sameCredentials(a: Credentials, b: Credentials): boolean {
  return a.headers.authorization === b.headers.authorization && a.cert === b.cert
}

/** A transport to `target`: connections that follow the credentials, which are renewed when refused. */
function authenticated(target: KubeTarget, source: CredentialSource, env: KubeconfigSearch['env']) {
  const { cluster, user } = target
  const ca = pem(cluster['certificate-authority-data'], cluster['certificate-authority'])
  const insecure = cluster['insecure-skip-tls-verify']
  const serverName = cluster['tls-server-name']
  const proxy = proxyOf(cluster, env)
  const asUser = impersonationHeaders(user)
  // By certificate. Over those of before some requests may still be answered: whoever cut them off
  // would not know whether they were carried out, and the server ends what is idle.
  const transports = new Map<string | undefined, HttpFetch>()

  function transportFor({ cert, key }: Credentials): HttpFetch {
    const known = transports.get(cert)
    if (known !== undefined) return known
    const transport = createHttpFetch({ ca, cert, key, insecure, serverName, proxy })
    transports.set(cert, transport)
    return transport
  }

  const fetch: Fetch = async (request) => {
    const credentials = await source()
    const body = await bodyOf(request)
    const send = (how: Credentials) =>
      transportFor(how).fetch(request, { headers: { ...how.headers, ...asUser }, body })
    const response = await send(credentials)
    if (response.status !== 401) return response
    const renewed = await source(credentials)
    if (sameCredentials(credentials, renewed)) {
      requireInTime(credentials.cert)
      return response
    }
    await response.body?.cancel()
    return send(renewed)
  }
  const dispose = () => {
    for (const transport of transports.values()) transport[Symbol.dispose]()
  }
  return { fetch, [Symbol.dispose]: dispose }
}

function withImpersonation(target: KubeTarget, options: ConnectOptions): KubeTarget {
  const { as, asGroups } = options
  if (as === undefined && asGroups === undefined) return target
  if (as === undefined && target.user.as === undefined) {
    throw new KubeconfigError('Cannot use --as-group alone: it must come with --as')
  }
  const user = {
    ...target.user,
    ...(as === undefined ? {} : { as }),
    ...(asGroups === undefined ? {} : { 'as-groups': asGroups }),
  }
  return { ...target, user }
}

function noKubeconfig({ local = [] }: ConnectOptions): KubeconfigError {
  const places = ['$KUBECONFIG', ...local, '~/.kube/config'].join(', ')
  const message = `Cannot find a cluster: there is no kubeconfig (looked at ${places}), and this is not a pod. Start one with podfit up, or name a file with --kubeconfig`
  return new KubeconfigError(message)
}

/** Only client-node knows the old `auth-provider` plugins and SOCKS proxies; loading it takes 0.4 s. */
function needsClientNode({ cluster, user }: KubeTarget): boolean {
  return user['auth-provider'] !== undefined || cluster['proxy-url']?.startsWith('socks') === true
}

/**
 * Finds out which cluster is meant and how to be let in, as kubectl does.
 *
 * @throws KubeconfigError if that cannot be known: no kubeconfig, no such context, unreadable files.
 */
export async function connect(options: ConnectOptions = {}): Promise<Connection> {
  const config = await findKubeconfig(options)
  const inCluster = options.context === undefined ? inClusterTarget(options.env) : undefined
  const found = config === undefined ? inCluster : targetOf(config, options.context)
  if (found === undefined) throw noKubeconfig(options)
  const target = withImpersonation(found, options)
  const { context, namespace } = target
  const server = target.cluster.server.replace(/\/+$/, '')
  if (!URL.canParse(server) || !/^https?:/.test(server)) {
    const message = `Cannot use context "${context}": its server "${server}" must be an http or https URL`
    throw new KubeconfigError(message)
  }
  const transport = needsClientNode(target)
    ? await (await import('./client-node-transport.ts')).clientNodeTransport(target)
    : authenticated(target, credentialSource(target.user, target.cluster), options.env)
  return { ...transport, server, context, files: config?.files ?? [], namespace, target }
}
