import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'

/** Sends to the client; where it reads slowly the source waits, so that nothing piles up here. */
export function sendPaced(
  webSocket: WebSocket,
  client: Socket,
  source: Socket,
  bytes: Uint8Array,
): void {
  webSocket.send(bytes)
  if (!client.writableNeedDrain || source.isPaused()) return
  source.pause()
  client.once('drain', () => source.resume())
}

/** The same the other way. */
export function writePaced(webSocket: WebSocket, target: Socket, bytes: Uint8Array): void {
  if (target.write(bytes)) return
  webSocket.pause()
  target.once('drain', () => webSocket.resume())
}
