import type { KubeConfig } from '@kubernetes/client-node/dist/config.js'
import { impersonationHeaders } from './credentials.ts'
import type { KubeTarget } from './kube-target.ts'

/** A kubeconfig with this one context, as text. */
function kubeconfigText({ context, cluster, user, namespace }: KubeTarget): string {
  // It takes plain HTTP (kubectl proxy) only with this word, where it means nothing.
  const plain = cluster.server.startsWith('http:') ? { 'insecure-skip-tls-verify': true } : {}
  return JSON.stringify({
    'current-context': context,
    contexts: [{ name: context, context: { cluster: 'cluster', user: 'user', namespace } }],
    clusters: [{ name: 'cluster', cluster: { ...cluster, ...plain } }],
    users: [{ name: 'user', user }],
  })
}

/** The target as `@kubernetes/client-node` knows it, with the impersonation that it does not know. */
export async function clientNodeConfig(target: KubeTarget): Promise<KubeConfig> {
  const { KubeConfig } = await import('@kubernetes/client-node/dist/config.js')
  const config = new KubeConfig()
  config.loadFromString(kubeconfigText(target))
  const asUser = Object.fromEntries(
    Object.entries(impersonationHeaders(target.user)).map(([name, values]) => [name, [...values]]),
  )
  const apply = config.applyToHTTPSOptions.bind(config)
  config.applyToHTTPSOptions = async (options) => {
    await apply(options)
    options.headers = { ...options.headers, ...asUser }
  }
  return config
}
