import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import { isTrue } from '../../domain/query/query-boolean.ts'
import { withoutToken } from './offered-token.ts'

/** A watcher has nothing to say. */
const largestMessage = 1024

/** Whether the request wants a watch as messages of a WebSocket: browsers, some client libraries. */
export function asksForWatch({ headers, url = '' }: IncomingMessage): boolean {
  if (headers.upgrade?.toLowerCase() !== 'websocket') return false
  const query = new URLSearchParams(url.slice(url.indexOf('?') + 1))
  return isTrue(query.get('watch')) || watchPath.test(url)
}

/** A watch by its path alone: see target.ts. */
const watchPath = /^\/(api|apis\/[^/?]+)\/[^/?]+\/watch\//

/**
 * Answers the request with a WebSocket, in the first protocol that the client offers if it does, and
 * sends each line of `events` as a message of text.
 *
 * @see Kubernetes apiserver pkg/endpoints/handlers/watch.go, HandleWS
 */
export function joinWatch(
  incoming: IncomingMessage,
  client: Duplex,
  head: Buffer,
  events: ReadableStream<Uint8Array>,
): void {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: largestMessage,
    handleProtocols: (offered) => withoutToken([...offered].join()).split(', ')[0] || false,
  })
  const reader = events.getReader()
  // Also where the handshake fails.
  client.on('close', () => void reader.cancel())
  server.handleUpgrade(incoming, client, head, (webSocket) => {
    webSocket.on('error', () => undefined)
    sendLines(webSocket, client, reader).catch(() => webSocket.terminate())
  })
}

/** At the pace of the client: what it does not read waits in the watch, which is bounded. */
async function sendLines(
  webSocket: WebSocket,
  client: Duplex,
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<void> {
  const decoder = new TextDecoder()
  let rest = ''
  for (;;) {
    const { value, done } = await reader.read()
    if (done) break
    const lines = (rest + decoder.decode(value, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) webSocket.send(line)
    if (client.writableNeedDrain) await drained(client)
  }
  webSocket.close(1000)
}

async function drained(client: Duplex): Promise<void> {
  const over = new AbortController()
  const { signal } = over
  try {
    await Promise.race([once(client, 'drain', { signal }), once(client, 'close', { signal })])
  } finally {
    over.abort()
  }
}
