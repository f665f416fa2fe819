import { getRequestListener } from '@hono/node-server'
import { STATUS_CODES, type IncomingMessage } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import type { ApiServer } from './api-server.ts'
import { failure } from './rest/failure.ts'
import { internalError } from './status-error.ts'
import { passOn } from './streaming/pass-on.ts'
import { joinWebSocket, offeredProtocol } from './streaming/web-socket.ts'
import { userOf } from './tls/authenticate.ts'
import type { Pki } from './tls/pki.ts'

export interface ServeOptions {
  readonly api: ApiServer
  readonly pki: Pki
  readonly host: string
  /** 0 takes any free one. */
  readonly port: number
}

export interface Serving {
  /** `https://127.0.0.1:6443` */
  readonly url: string
  readonly port: number
  /** Stops listening and cuts off who is connected. */
  close(): Promise<void>
}

/** More connections than this are turned away. */
const mostConnections = 10_000
const keepAliveMs = 120_000
/** exec, attach and port-forward; nothing else leaves HTTP. */
const streamPath = /^[^?]*\/pods\/[^/?]+\/(exec|attach|portforward)(\?|$)/

/** The address cannot be listened on. */
export class ListenError extends Error {
  readonly code: string
  readonly retry = 'later'

  constructor(code: string, message: string, cause: unknown) {
    super(message, { cause })
    this.name = 'ListenError'
    this.code = code
  }
}

/**
 * Serves the API over HTTPS, known to clients by their certificates.
 *
 * @throws ListenError when the port is taken or the address is not this machine's.
 */
export async function serveApi(options: ServeOptions): Promise<Serving> {
  const { api, pki, host } = options
  const listener = getRequestListener(
    (request, { incoming, outgoing }) =>
      api.fetch(request, {
        ...envOf(incoming.socket as TLSSocket),
        disconnect: () => {
          if (!outgoing.writableFinished) incoming.socket.destroy()
        },
      }),
    // Its Response keeps a text as it is; Node's makes a stream of it, which is read again:
    // a quarter of the time of a small write.
    { overrideGlobalObjects: true },
  )
  const server = createServer(
    {
      key: pki.server.privateKey,
      cert: pki.server.certificate,
      ca: pki.authority.certificate,
      requestCert: true,
      // Requests without a certificate get a Status, not a broken connection.
      rejectUnauthorized: false,
      keepAliveTimeout: keepAliveMs,
      noDelay: true,
      shouldUpgradeCallback: (request: IncomingMessage) => streamPath.test(request.url ?? ''),
    },
    (incoming, outgoing) => void listener(incoming, outgoing),
  )
  server.maxConnections = mostConnections
  const passedOn = new Set<Duplex>()
  server.on('upgrade', (incoming, socket, head) => {
    passedOn.add(socket)
    socket.on('close', () => passedOn.delete(socket))
    void upgrade(api, incoming, socket, head)
  })
  await listen(server, host, options.port)
  const { port } = server.address() as AddressInfo
  return {
    url: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
        for (const socket of passedOn) socket.destroy()
      }),
  }
}

function envOf(socket: TLSSocket) {
  const user = userOf(socket)
  return user === undefined ? {} : { user }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(listenError(host, port, error))
    })
    server.listen(port, host, () => resolve())
  })
}

function listenError(host: string, port: number, error: NodeJS.ErrnoException): ListenError {
  const code = error.code ?? 'unknown'
  const reason =
    code === 'EADDRINUSE'
      ? 'another process is using this port; stop it, or name another one with --listen'
      : error.message
  return new ListenError(code, `Cannot listen on ${host}:${port}: ${reason}`, error)
}

async function upgrade(
  api: ApiServer,
  incoming: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  socket.on('error', () => socket.destroy())
  const request = new Request(`https://${incoming.headers.host ?? 'localhost'}${incoming.url}`, {
    method: incoming.method ?? 'GET',
    headers: { authorization: incoming.headers.authorization ?? '' },
  })
  const outcome = await api.upgrade(request, envOf(incoming.socket as TLSSocket))
  switch (outcome.kind) {
    case 'passOn':
      await join(incoming, socket, head, outcome.url)
      return
    case 'answer':
      socket.end(await printResponse(outcome.response))
      return
    default:
      outcome satisfies never
  }
}

/** Joins the client's connection to the streaming server at `url`, in the client's protocol. */
async function join(
  incoming: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  url: URL,
): Promise<void> {
  const protocol = offeredProtocol(incoming)
  if (protocol === undefined) {
    passOn(incoming, socket, head, url)
    return
  }
  try {
    await joinWebSocket(incoming, socket, head, url, protocol)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    socket.end(await printResponse(failure(internalError(why))))
  }
}

async function printResponse(response: Response): Promise<string> {
  const body = await response.text()
  const lines = [
    `HTTP/1.1 ${response.status} ${STATUS_CODES[response.status] ?? ''}`,
    `Content-Type: ${response.headers.get('content-type') ?? 'application/json'}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ]
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}
