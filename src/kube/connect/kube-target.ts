import { existsSync, readFileSync } from 'node:fs'
import {
  KubeconfigError,
  type Kubeconfig,
  type KubeconfigCluster,
  type KubeconfigUser,
} from './kubeconfig-file.ts'

/** Where requests go and as whom: one context of a kubeconfig, or the cluster we run in. */
export interface KubeTarget {
  /** Name of the context, `in-cluster` without a kubeconfig. */
  readonly context: string
  /** Of the context; `default` if it names none. */
  readonly namespace: string
  readonly cluster: KubeconfigCluster
  readonly user: KubeconfigUser
}

function list(names: Iterable<string>): string {
  return [...names].toSorted().join(', ') || 'none'
}

/**
 * The context `name` of a kubeconfig, or its current one.
 *
 * @throws KubeconfigError if it, or the cluster or user it names, is missing; the message lists what there is.
 */
export function targetOf(config: Kubeconfig, name = config.currentContext): KubeTarget {
  const where = config.files.join(', ')
  const { contexts, clusters, users } = config
  if (name === undefined) {
    const message = `Cannot choose a cluster: ${where} has no current-context. Name a context with --context; it has: ${list(contexts.keys())}`
    throw new KubeconfigError(message)
  }
  const context = contexts.get(name)
  if (context === undefined) {
    const message = `Cannot use context "${name}": ${where} has no such context. It has: ${list(contexts.keys())}`
    throw new KubeconfigError(message)
  }
  const cluster = clusters.get(context.cluster)
  if (cluster === undefined || !cluster.server) {
    const lack = cluster === undefined ? 'is not there' : 'has no server'
    const message = `Cannot use context "${name}": its cluster "${context.cluster}" ${lack} in ${where}`
    throw new KubeconfigError(message)
  }
  const user = context.user ? users.get(context.user) : {}
  if (user === undefined) {
    const message = `Cannot use context "${name}": its user "${context.user}" is not there in ${where}`
    throw new KubeconfigError(message)
  }
  return { context: name, namespace: context.namespace || 'default', cluster, user }
}

const serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount'

/** The cluster that this process runs in as a pod; `undefined` outside of one. */
export function inClusterTarget(
  env: Readonly<Record<string, string | undefined>> = process.env,
  directory = serviceAccount,
): KubeTarget | undefined {
  const host = env.KUBERNETES_SERVICE_HOST
  const port = env.KUBERNETES_SERVICE_PORT
  if (!host || !port || !existsSync(`${directory}/token`)) return undefined
  const namespaceFile = `${directory}/namespace`
  const namespace = existsSync(namespaceFile) ? readFileSync(namespaceFile, 'utf8').trim() : ''
  return {
    context: 'in-cluster',
    namespace: namespace || 'default',
    cluster: {
      server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
      'certificate-authority': `${directory}/ca.crt`,
    },
    user: { tokenFile: `${directory}/token` },
  }
}
