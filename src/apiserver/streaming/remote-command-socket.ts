import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import { attachedStreams } from '../../domain/query/attached-streams.ts'
import { sendPaced, writePaced } from './paced.ts'
import { SpdyConnection } from './spdy-connection.ts'
import { streamData } from './spdy-frames.ts'

/** The first byte of each message: what it belongs to. 255: the stream in the next byte is over. */
const channels = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const

type StreamName = Exclude<keyof typeof channels, 'close'>

/**
 * `v5.channel.k8s.io`: exec and attach in the messages of a WebSocket, joined to the same
 * streams in SPDY. What v4 lacks: the client can end its input and go on reading.
 *
 * @see Kubernetes KEP-4006, apiserver pkg/util/proxy/streamtranslator.go
 */
export function joinStreams(
  webSocket: WebSocket,
  upstream: Socket,
  incoming: IncomingMessage,
): void {
  const names = wantedStreams(incoming)
  const byStream = new Map<number, StreamName>()
  const connection = new SpdyConnection(upstream, {
    onData: (stream, bytes) => {
      const name = byStream.get(stream)
      if (name === undefined) return
      const message = Buffer.concat([Buffer.from([channels[name]]), bytes])
      sendPaced(webSocket, incoming.socket, upstream, message)
    },
    onEnd: () => webSocket.close(1000),
  })
  const byChannel = new Map<number, number>()
  for (const name of names) {
    const stream = connection.open({ streamtype: name })
    byStream.set(stream, name)
    byChannel.set(channels[name], stream)
  }
  webSocket.on('message', (message) => {
    const [channel = 0, ended = 0] = message
    if (channel === channels.close) {
      const over = byChannel.get(ended)
      if (over !== undefined) connection.end(over)
      byChannel.delete(ended)
      return
    }
    const stream = byChannel.get(channel)
    if (stream === undefined || message.byteLength <= 1) return
    writePaced(webSocket, upstream, streamData(stream, message.subarray(1)))
  })
  // Tells the client that it is connected before there is any output.
  const first = names.find((name) => name === 'stdout' || name === 'stderr') ?? 'error'
  webSocket.send(Buffer.from([channels[first]]))
}

/** What the request asks for; the runtime waits for exactly these. */
function wantedStreams(incoming: IncomingMessage): readonly StreamName[] {
  const { searchParams } = new URL(incoming.url ?? '/', 'https://localhost')
  const { stdin, stdout, stderr, tty } = attachedStreams(searchParams)
  return [
    'error',
    ...(stdin ? (['stdin'] as const) : []),
    ...(stdout ? (['stdout'] as const) : []),
    ...(stderr ? (['stderr'] as const) : []),
    ...(tty ? (['resize'] as const) : []),
  ]
}
