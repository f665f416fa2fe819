import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { joinPorts } from './port-forward-socket.ts'
import { joinStreams } from './remote-command-socket.ts'
import { connectSpdy } from './spdy-connection.ts'

/** As kube-apiserver since 1.30 takes them; the older ones the container runtime knows itself. */
const protocols = {
  'v5.channel.k8s.io': { upstream: 'v4.channel.k8s.io', join: joinStreams },
  'SPDY/3.1+portforward.k8s.io': { upstream: 'portforward.k8s.io', join: joinPorts },
} as const

type Protocol = keyof typeof protocols

/** Nobody has reason to send more in one message. */
const largestMessage = 1024 * 1024

/** Which of our own protocols a request for a WebSocket offers, if any. */
export function offeredProtocol(incoming: IncomingMessage): Protocol | undefined {
  if (incoming.headers.upgrade?.toLowerCase() !== 'websocket') return undefined
  const ours: Protocol = /\/portforward(\?|$)/.test(incoming.url ?? '')
    ? 'SPDY/3.1+portforward.k8s.io'
    : 'v5.channel.k8s.io'
  const offered = (incoming.headers['sec-websocket-protocol'] ?? '').split(',')
  return offered.some((name) => name.trim() === ours) ? ours : undefined
}

/**
 * Answers the request with a WebSocket and joins that to the streaming server at `url`, which
 * is spoken to in SPDY: its own WebSockets cannot tell that the input is over.
 *
 * @throws Error when the streaming server refuses; the request is not answered then.
 */
export async function joinWebSocket(
  incoming: IncomingMessage,
  client: Duplex,
  head: Buffer,
  url: URL,
  protocol: Protocol,
): Promise<void> {
  const { upstream, join } = protocols[protocol]
  const socket = await connectSpdy(url, upstream)
  client.on('close', () => socket.destroy())
  if (client.destroyed) {
    socket.destroy()
    return
  }
  // A name with a slash is none to `ws`, which would refuse what kubectl offers for its tunnel.
  incoming.headers['sec-websocket-protocol'] = upstream
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: largestMessage,
    handleProtocols: () => protocol,
  })
  server.handleUpgrade(incoming, client, head, (webSocket) => {
    // Its end is what matters; why is the client's affair.
    webSocket.on('error', () => undefined)
    webSocket.on('close', () => socket.destroy())
    join(webSocket, socket, incoming)
  })
}
