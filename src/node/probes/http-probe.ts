import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { HttpGetAction } from '../../domain/pod/probe.ts'
import type { ProbeOutcome } from '../../domain/probe/probe-state.ts'
import { timerSpan } from '../../domain/timer-span.ts'

const mostRedirects = 10

/** Where a request goes, and with what. */
export interface HttpTarget {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
}

/** The request of an `httpGet`, to the pod's own address unless it names another. */
export function httpTarget(action: HttpGetAction, address: string, port: number): HttpTarget {
  const scheme = (action.scheme ?? 'HTTP').toLowerCase()
  const host = action.host || address
  const path = (action.path || '/').replace(/^(?!\/)/, '/')
  const url = new URL(`${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}${path}`)
  const given = (action.httpHeaders ?? []).map(({ name, value }) => [name.toLowerCase(), value])
  const headers = { 'user-agent': 'kube-probe/1.36', accept: '*/*', ...Object.fromEntries(given) }
  return { url, headers }
}

/**
 * Asks over HTTP: an answer from 200 to 399 within the time is a success. A
 * redirect is followed to the same host only; certificates are not checked.
 *
 * @see kubelet's pkg/probe/http.
 */
export async function probeHttp(target: HttpTarget, timeoutMs: number): Promise<ProbeOutcome> {
  const signal = AbortSignal.timeout(timerSpan(timeoutMs))
  let { url } = target
  try {
    for (let redirects = 0; redirects <= mostRedirects; redirects += 1) {
      const { status, location } = await get(url, target.headers, signal)
      const next = location === undefined ? undefined : new URL(location, url)
      if (status < 300 || status >= 400 || next === undefined || next.hostname !== url.hostname) {
        if (status >= 200 && status < 400) return { kind: 'success' }
        return { kind: 'failure', message: `HTTP probe failed with statuscode: ${status}` }
      }
      url = next
    }
    return { kind: 'failure', message: `Get "${url.href}": stopped after 10 redirects` }
  } catch (error) {
    const message = `Get "${url.href}": ${error instanceof Error ? error.message : String(error)}`
    if (!signal.aborted) return { kind: 'failure', message }
    return { kind: 'overrun', message: `Get "${url.href}": no answer within ${timeoutMs / 1000}s` }
  }
}

function get(
  url: URL,
  headers: HttpTarget['headers'],
  signal: AbortSignal,
): Promise<{ status: number; location: string | undefined }> {
  const request = url.protocol === 'https:' ? requestHttps : requestHttp
  // Each try has a connection of its own: a server that takes no new ones is not well.
  const options = { agent: false, headers, signal, rejectUnauthorized: false }
  return new Promise((resolve, reject) => {
    const sent = request(url, options, (response) => {
      resolve({ status: response.statusCode ?? 0, location: response.headers.location })
      response.destroy()
    })
    sent.on('error', reject).end()
  })
}
