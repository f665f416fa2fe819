import { getRequestListener } from '@hono/node-server'
import type { IncomingMessage } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import type { ApiServer } from './api-server.ts'
import { auditId } from './audit-id.ts'
import type { RequestEnv } from './routing/routes.ts'
import { answerUpgrade } from './streaming/answer-upgrade.ts'
import { asksForWatch } from './streaming/watch-socket.ts'
import { userOf } from './tls/authenticate.ts'
import type { Pki } from './tls/pki.ts'
import { UnreadAnswers, type UnreadLimits } from './unread-answers.ts'

export interface ServeOptions {
  readonly api: ApiServer
  readonly pki: Pki
  readonly host: string
  /** 0 takes any free one. */
  readonly port: number
  /** What clients may leave unread. @default 256 MiB together, each for a minute */
  readonly unread?: UnreadLimits
  /** Told of what should not happen on a connection; the others go on. */
  readonly onError?: (error: unknown) => void
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
/** As Go's: the command of an exec is part of the head. */
const largestHead = 1024 * 1024
/** exec, attach and port-forward; besides these only a watch may leave HTTP. */
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
  const { api, pki, host, onError = () => {} } = options
  const listener = getRequestListener(
    (request, { incoming, outgoing }) =>
      api.fetch(request, {
        ...envOf(incoming as IncomingMessage),
        disconnect: () => {
          if (!outgoing.writableFinished) incoming.socket.destroy()
        },
      }),
    // Its Response keeps a text as it is; Node's makes a stream of it, which is read again:
    // a quarter of the time of a small write.
    // The name is for requests that have none, of HTTP/1.0.
    { overrideGlobalObjects: true, hostname: 'localhost' },
  )
  const unread = new UnreadAnswers(options.unread)
  const server = createServer(
    {
      key: pki.server.privateKey,
      cert: pki.server.certificate,
      ca: pki.authority.certificate,
      requestCert: true,
      // Requests without a certificate get a Status, not a broken connection.
      rejectUnauthorized: false,
      keepAliveTimeout: keepAliveMs,
      maxHeaderSize: largestHead,
      noDelay: true,
      shouldUpgradeCallback: (request: IncomingMessage) =>
        streamPath.test(request.url ?? '') || asksForWatch(request),
    },
    (incoming, outgoing) => {
      // A slash to the adapter, which refuses it without a word; a letter of a name to Go's servers.
      if (incoming.url?.includes('\\')) incoming.url = incoming.url.replaceAll('\\', '%5C')
      outgoing.setHeader('audit-id', auditId(incoming.headers))
      // What has no say of its own in it must not be kept.
      outgoing.setHeader('cache-control', 'no-cache, private')
      unread.follow(outgoing)
      listener(incoming, outgoing).catch(onError)
    },
  )
  server.maxConnections = mostConnections
  const passedOn = new Set<Duplex>()
  server.on('upgrade', (incoming, socket, head) => {
    passedOn.add(socket)
    socket.on('close', () => passedOn.delete(socket))
    socket.on('error', () => socket.destroy())
    const ask = (request: Request) =>
      api.upgrade(request, {
        ...envOf(incoming),
        disconnect: () => socket.destroy(),
      })
    answerUpgrade(ask, incoming, socket, head).catch((error: unknown) => {
      onError(error)
      socket.destroy()
    })
  })
  await listen(server, host, options.port)
  // Such as too many open files when somebody connects.
  server.on('error', onError)
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

function envOf({ socket, url = '' }: IncomingMessage): RequestEnv {
  const user = userOf(socket as TLSSocket)
  return user === undefined ? { target: url } : { target: url, user }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => reject(listenError(host, port, error))
    server.once('error', fail)
    server.listen(port, host, () => {
      server.off('error', fail)
      resolve()
    })
  })
}

const listenReasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process is using this port; stop it, or name another one with --listen',
  EADDRNOTAVAIL: 'this machine has no such address; name another one with --listen',
  ENOTFOUND: 'there is no such host; give an address with --listen',
}

function listenError(host: string, port: number, error: NodeJS.ErrnoException): ListenError {
  const code = error.code ?? 'unknown'
  const reason = listenReasons[code] ?? error.message
  return new ListenError(code, `Cannot listen on ${host}:${port}: ${reason}`, error)
}
