import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import { sendPaced, writePaced } from './paced.ts'

/** `SPDY/3.1+portforward.k8s.io`: the client's SPDY in the messages of a WebSocket, passed on as it is. */
export function joinPorts(webSocket: WebSocket, upstream: Socket, incoming: IncomingMessage): void {
  webSocket.on('message', (bytes) => writePaced(webSocket, upstream, bytes))
  upstream.on('data', (bytes: Buffer) => sendPaced(webSocket, incoming.socket, upstream, bytes))
  upstream.on('error', () => webSocket.terminate())
  upstream.on('close', () => webSocket.close(1000))
}
