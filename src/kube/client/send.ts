import type { Fetch } from '../connect/fetch.ts'
import { jittered, pause } from '../pause/pause.ts'
import { KubeError, errorFromResponse, isPage } from './kube-error.ts'
import { unreachable } from './unreachable.ts'

/** One request before it has a server. */
export interface Outgoing {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path and query. */
  readonly path: string
  /** Sent as JSON. */
  readonly body?: unknown
  /** @default application/json */
  readonly contentType?: string | undefined
  /** @default application/json */
  readonly accept?: string | undefined
  readonly signal?: AbortSignal | undefined
}

export interface SendOptions {
  readonly fetch: Fetch
  readonly server: string
  readonly userAgent: string
  /** Told of each `Warning` header that the server sends, such as for a deprecated field. */
  readonly onWarning?: ((text: string) => void) | undefined
}

/** Tries after the first, when the server says that it is busy and when to come back (client-go: 10). */
const maxRetries = 5
const longestWaitSeconds = 30

function requestOf(outgoing: Outgoing, options: SendOptions): Request {
  const { method, path, body, signal } = outgoing
  const headers: Record<string, string> = {
    accept: outgoing.accept ?? 'application/json',
    'user-agent': options.userAgent,
  }
  if (body !== undefined) headers['content-type'] = outgoing.contentType ?? 'application/json'
  return new Request(options.server + path, {
    method,
    headers,
    body: body === undefined ? null : JSON.stringify(body),
    signal: signal ?? null,
  })
}

async function fetchOnce(outgoing: Outgoing, options: SendOptions): Promise<Response> {
  try {
    return await options.fetch(requestOf(outgoing, options))
  } catch (cause) {
    outgoing.signal?.throwIfAborted()
    throw cause instanceof KubeError ? cause : unreachable(options.server, cause)
  }
}

/** Seconds after which a busy server wants the request again; `undefined` if it did not say. */
function comeBackIn({ status, headers }: Response): number | undefined {
  if (status !== 429 && status < 500) return undefined
  const seconds = Number(headers.get('retry-after') ?? NaN)
  return seconds >= 0 && seconds <= longestWaitSeconds ? seconds : undefined
}

/** Servers write UTF-8 into headers; here each byte is one character. */
function utf8Of(header: string): string {
  return Buffer.from(header, 'latin1').toString('utf8')
}

/** `299 - "text"`, several of them after commas. */
function warningsIn(header: string): readonly string[] {
  const quoted = header.matchAll(/\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)
  return [...quoted].map(([, text = '']) => text.replaceAll(/\\(.)/g, '$1'))
}

/** Where somebody else answers, such as the page of a login. */
async function noKubernetes({ body }: Response, server: string): Promise<KubeError> {
  await body?.cancel()
  const message = `Cannot find a Kubernetes API at ${server}: a web page is there. Is the address right, and does a proxy or a login stand before it?`
  return new KubeError(message, { code: 0, reason: 'Unreachable' })
}

/**
 * Sends a request and gives its successful response. A busy server that says when to come
 * back (429, 5xx with Retry-After) gets the request again.
 *
 * @throws KubeError for a refusal and for a server that cannot be reached; the reason of `signal` if it aborts.
 */
export async function send(outgoing: Outgoing, options: SendOptions): Promise<Response> {
  for (let retries = 0; ; retries++) {
    const response = await fetchOnce(outgoing, options)
    if (response.ok) {
      if (isPage(response)) throw await noKubernetes(response, options.server)
      const warning = options.onWarning && response.headers.get('warning')
      if (warning) for (const text of warningsIn(utf8Of(warning))) options.onWarning?.(text)
      return response
    }
    const wait = retries < maxRetries ? comeBackIn(response) : undefined
    if (wait === undefined) throw await errorFromResponse(response)
    await response.body?.cancel()
    await pause(jittered(wait * 1000), outgoing.signal)
    outgoing.signal?.throwIfAborted()
  }
}
