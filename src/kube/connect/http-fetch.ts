import { Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest, type AgentOptions } from 'node:https'
import { Readable } from 'node:stream'
import type { ReadableStream as NodeStream } from 'node:stream/web'
import { errorCode } from '../../domain/error-code.ts'

/** How to talk to one server. */
export interface HttpOptions {
  /** Trusted certificates, PEM. @default those of Node */
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
  /** The name that the server's certificate must carry, if not that of the URL. */
  readonly serverName?: string | undefined
  /** Trust any certificate. */
  readonly insecure?: boolean | undefined
  /** Proxy variables (`HTTPS_PROXY`, `NO_PROXY`), as in the environment. */
  readonly proxy?: Readonly<Record<string, string | undefined>> | undefined
  /** Makes the connections instead; then nothing of the above counts. */
  readonly agent?: Agent | undefined
}

/** What goes with a request besides itself. */
export interface HttpExtras {
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  /** As `bodyOf` gives it: a request's own can be read once, and may have to be sent twice. */
  readonly body: Buffer | undefined
}

/** Requests over connections that are kept; disposing of it ends those that are under way. */
export interface HttpFetch extends Disposable {
  fetch(request: Request, extras: HttpExtras): Promise<Response>
}

/** The whole body of a request, which has none then; undefined without one. */
export async function bodyOf(request: Request): Promise<Buffer | undefined> {
  return request.body === null ? undefined : Buffer.from(await request.arrayBuffer())
}

/** A server that does not take a connection within this is not there. */
const connectMs = 10_000
/** Below the idle limits of common load balancers, as client-go. */
const keepAliveMs = 30_000

const withoutBody: ReadonlySet<number> = new Set([204, 205, 304])

function agentOptions(options: HttpOptions): AgentOptions {
  const { ca, cert, key, serverName, insecure, proxy } = options
  return {
    keepAlive: true,
    keepAliveMsecs: keepAliveMs,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(serverName === undefined ? {} : { servername: serverName }),
    ...(insecure ? { rejectUnauthorized: false } : {}),
    ...(proxy === undefined ? {} : { proxyEnv: proxy }),
  }
}

function responseOf(message: IncomingMessage): Response {
  const status = message.statusCode ?? 500
  const headers = new Headers()
  for (const [name, values] of Object.entries(message.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value)
  }
  if (withoutBody.has(status)) {
    message.resume()
    return new Response(null, { status, headers })
  }
  const body: NodeStream = Readable.toWeb(message)
  return new Response(body as ReadableStream, { status, headers })
}

/** A kept connection may die at the moment it is used; then the server has not seen the request. */
function diedIdle(error: unknown, isReused: boolean): boolean {
  const code = errorCode(error)
  return isReused && (code === 'ECONNRESET' || code === 'EPIPE')
}

/**
 * Requests by Node's own HTTP client: it starts in 10 ms, npm's undici takes 60 to 70,
 * and Node's built-in `fetch` takes no client certificates.
 */
export function createHttpFetch(options: HttpOptions): HttpFetch {
  const agents = {
    'http:': options.agent ?? new Agent(agentOptions(options)),
    'https:': options.agent ?? new HttpsAgent(agentOptions(options)),
  }
  let isOver = false

  function once(
    url: URL,
    request: Request,
    headers: Record<string, string | string[]>,
    body: Buffer | undefined,
  ): Promise<Response> {
    const { promise, resolve, reject } = Promise.withResolvers<Response>()
    const isPlain = url.protocol === 'http:'
    const send = isPlain ? httpRequest : httpsRequest
    const agent = isPlain ? agents['http:'] : agents['https:']
    const outgoing = send(url, { method: request.method, headers, agent, signal: request.signal })
    outgoing.once('socket', (socket) => {
      if (!socket.connecting) return
      const late = () =>
        outgoing.destroy(Object.assign(new Error('connect timed out'), { code: 'ETIMEDOUT' }))
      const timer = setTimeout(late, connectMs)
      const stop = () => clearTimeout(timer)
      socket.once(isPlain ? 'connect' : 'secureConnect', stop).once('close', stop)
    })
    let isAnswered = false
    outgoing.once('response', (message) => {
      isAnswered = true
      // Rejects for a status that there is not, such as 999.
      resolve(Promise.try(responseOf, message))
    })
    outgoing.once('error', (error) => {
      const isUnseen = !isOver && !isAnswered && diedIdle(error, outgoing.reusedSocket)
      if (isUnseen) resolve(once(url, request, headers, body))
      else reject(error)
    })
    outgoing.end(body)
    return promise
  }

  return {
    async fetch(request, { headers: extra = {}, body }) {
      request.signal.throwIfAborted()
      const headers: Record<string, string | string[]> = Object.fromEntries(request.headers)
      for (const [name, value] of Object.entries(extra)) {
        headers[name] = typeof value === 'string' ? value : [...value]
      }
      if (body !== undefined) headers['content-length'] = String(body.byteLength)
      return once(new URL(request.url), request, headers, body)
    },
    [Symbol.dispose]() {
      isOver = true
      agents['http:'].destroy()
      agents['https:'].destroy()
    },
  }
}
