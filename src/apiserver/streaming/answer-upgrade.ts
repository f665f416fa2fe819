import { failure } from '../answer/failure.ts'
import type { Upgrade } from '../api-server.ts'
import { auditId } from '../audit-id.ts'
import { badRequest, internalError } from '../status-error.ts'
import { offeredToken } from './offered-token.ts'
import { passOn } from './pass-on.ts'
import { joinWatch } from './watch-socket.ts'
import { joinWebSocket, offeredProtocol } from './web-socket.ts'
import { STATUS_CODES, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

/**
 * Answers a request that wants to leave HTTP: joins its connection to the container runtime or to
 * a watch, or says why not. Whoever asks is known only after `ask`, so nothing of the request is
 * trusted to be well formed.
 */
export async function answerUpgrade(
  ask: (request: Request) => Promise<Upgrade>,
  incoming: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  const request = requestOf(incoming)
  if (request === undefined) {
    const why = 'a stream is asked for by GET or POST, with a Host header that names a host'
    socket.end(await printResponse(incoming, await failure(badRequest(why))))
    return
  }
  const outcome = await ask(request)
  switch (outcome.kind) {
    case 'passOn':
      await join(incoming, socket, head, outcome.url)
      return
    case 'watch':
      joinWatch(incoming, socket, head, outcome.events)
      return
    case 'answer':
      socket.end(await printResponse(incoming, outcome.response))
      return
    default:
      outcome satisfies never
  }
}

/** Undefined if it cannot be one: by its Host, its path or its method. */
function requestOf({ headers, url, method = 'GET' }: IncomingMessage): Request | undefined {
  const token = offeredToken(headers['sec-websocket-protocol'])
  const offered = token === undefined ? '' : `Bearer ${token}`
  try {
    return new Request(`https://${headers.host ?? 'localhost'}${url}`, {
      method,
      headers: { authorization: headers.authorization ?? offered, accept: headers.accept ?? '' },
    })
  } catch {
    return undefined
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
    socket.end(await printResponse(incoming, await failure(internalError(why))))
  }
}

async function printResponse({ headers }: IncomingMessage, response: Response): Promise<string> {
  const body = await response.text()
  const lines = [
    `HTTP/1.1 ${response.status} ${STATUS_CODES[response.status] ?? ''}`,
    `Audit-Id: ${auditId(headers)}`,
    `Content-Type: ${response.headers.get('content-type') ?? 'application/json'}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ]
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}
