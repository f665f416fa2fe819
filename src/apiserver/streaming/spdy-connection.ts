import { request } from 'node:http'
import type { Socket } from 'node:net'
import { FrameReader, openStream, pong, streamData } from './spdy-frames.ts'

export interface SpdyEvents {
  readonly onData: (stream: number, bytes: Buffer) => void
  /** The other side is done, or gone. */
  readonly onEnd: () => void
}

/**
 * Asks the streaming server at `url` for SPDY.
 *
 * @param protocol such as `v4.channel.k8s.io`
 * @throws Error when it refuses, with its words.
 */
export function connectSpdy(url: URL, protocol: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const headers = {
      connection: 'Upgrade',
      upgrade: 'SPDY/3.1',
      'x-stream-protocol-version': protocol,
    }
    const asking = request(url, { method: 'POST', headers })
    asking.on('error', reject)
    asking.on('upgrade', (_response, socket: Socket, head: Buffer) => {
      if (head.byteLength > 0) socket.unshift(head)
      socket.setNoDelay(true)
      resolve(socket)
    })
    asking.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => {
        reject(new Error(`the container runtime refused to stream: ${text.trim()}`))
      })
    })
    asking.end()
  })
}

/** The client's side of SPDY on a socket that was upgraded to it. */
export class SpdyConnection {
  readonly socket: Socket
  #opened = 0

  constructor(socket: Socket, { onData, onEnd }: SpdyEvents) {
    this.socket = socket
    const reader = new FrameReader()
    socket.on('data', (chunk: Buffer) => {
      for (const frame of reader.read(chunk)) {
        switch (frame.kind) {
          case 'data':
            if (frame.bytes.byteLength > 0) onData(frame.stream, frame.bytes)
            break
          case 'ping':
            socket.write(pong(frame.bytes))
            break
          case 'goAway':
            onEnd()
            break
          case 'other':
            break
          default:
            frame satisfies never
        }
      }
    })
    socket.on('error', onEnd)
    socket.on('close', onEnd)
  }

  /** Opens a stream and returns its number. */
  open(headers: Readonly<Record<string, string>>): number {
    // Clients' streams have the odd numbers.
    const stream = this.#opened * 2 + 1
    this.socket.write(openStream(stream, headers, this.#opened === 0))
    this.#opened += 1
    return stream
  }

  /** Nothing follows on this stream from here; the other way it goes on. */
  end(stream: number): void {
    this.socket.write(streamData(stream, new Uint8Array(), true))
  }
}
