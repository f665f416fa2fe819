import type { Agent } from 'node:http'
import { clientNodeConfig } from './client-node-config.ts'
import type { Fetch } from './fetch.ts'
import { bodyOf, createHttpFetch, type HttpFetch } from './http-fetch.ts'
import type { KubeTarget } from './kube-target.ts'

/**
 * A transport that leaves authentication and proxies to `@kubernetes/client-node`: for what
 * we do not do ourselves, `auth-provider` plugins such as OIDC and SOCKS proxies.
 */
export async function clientNodeTransport(target: KubeTarget) {
  const config = await clientNodeConfig(target)
  let http: { readonly agent: unknown; readonly transport: HttpFetch } | undefined

  const fetch: Fetch = async (request) => {
    const options: Parameters<typeof config.applyToHTTPSOptions>[0] = {}
    await config.applyToHTTPSOptions(options)
    const agent = options.agent as Agent
    if (http?.agent !== agent) http = { agent, transport: createHttpFetch({ agent }) }
    const headers = Object.entries(options.headers ?? {}).filter(
      (header): header is [string, string | string[]] =>
        typeof header[1] === 'string' || Array.isArray(header[1]),
    )
    const body = await bodyOf(request)
    return http.transport.fetch(request, { headers: Object.fromEntries(headers), body })
  }
  return { fetch, [Symbol.dispose]: () => http?.transport[Symbol.dispose]() }
}
