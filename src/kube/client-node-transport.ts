import type { Agent } from 'node:http'
import { impersonationHeaders } from './credentials.ts'
import type { Fetch } from './fetch.ts'
import { createHttpFetch, type HttpFetch } from './http-fetch.ts'
import type { KubeTarget } from './kube-target.ts'

/** A kubeconfig with this one context, as text. */
function kubeconfigText({ context, cluster, user, namespace }: KubeTarget): string {
  return JSON.stringify({
    'current-context': context,
    contexts: [{ name: context, context: { cluster: 'cluster', user: 'user', namespace } }],
    clusters: [{ name: 'cluster', cluster }],
    users: [{ name: 'user', user }],
  })
}

/**
 * A transport that leaves authentication and proxies to `@kubernetes/client-node`: for what
 * we do not do ourselves, `auth-provider` plugins such as OIDC and SOCKS proxies.
 */
export async function clientNodeTransport(target: KubeTarget) {
  const { KubeConfig } = await import('@kubernetes/client-node/dist/config.js')
  const config = new KubeConfig()
  config.loadFromString(kubeconfigText(target))
  const asUser = impersonationHeaders(target.user)
  let http: { readonly agent: unknown; readonly transport: HttpFetch } | undefined

  const fetch: Fetch = async (request) => {
    const options: Parameters<typeof config.applyToHTTPSOptions>[0] = {}
    await config.applyToHTTPSOptions(options)
    const agent = options.agent as Agent
    if (http?.agent !== agent) http = { agent, transport: createHttpFetch({ agent }) }
    const headers = Object.entries(options.headers ?? {}).filter(
      (header): header is [string, string] => typeof header[1] === 'string',
    )
    return http.transport.fetch(request, { ...Object.fromEntries(headers), ...asUser })
  }
  return { fetch, [Symbol.dispose]: () => http?.transport[Symbol.dispose]() }
}
