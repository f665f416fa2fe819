/** What podfit uses of ws, which brings no types of its own. */
declare module 'ws' {
  import type { EventEmitter } from 'node:events'
  import type { IncomingMessage } from 'node:http'
  import type { Duplex } from 'node:stream'

  export class WebSocket extends EventEmitter<{
    message: [data: Buffer, isBinary: boolean]
    close: []
    error: [error: Error]
  }> {
    addEventListener(
      type: 'close' | 'error',
      listener: (event: { readonly message?: string }) => void,
    ): void
    send(data: Uint8Array | string): void
    close(code?: number): void
    terminate(): void
    readonly protocol: string
    pause(): void
    resume(): void
  }

  export class WebSocketServer {
    constructor(options: {
      noServer: true
      maxPayload: number
      handleProtocols: (offered: Set<string>) => string | false
    })
    handleUpgrade(
      request: IncomingMessage,
      socket: Duplex,
      head: Buffer,
      done: (socket: WebSocket) => void,
    ): void
  }
}
