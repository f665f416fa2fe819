import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect, type SecureContextOptions, type TLSSocket } from 'node:tls'

/** A server on this machine, and what it knows the client by. */
export interface Served {
  readonly port: number
  readonly credentials: SecureContextOptions
}

/** What the administrator of a podfit is known by. @param pki its directory of keys */
export function administrator(pki: string): SecureContextOptions {
  const read = (name: string) => readFileSync(join(pki, name))
  return { ca: read('ca.crt'), cert: read('admin.crt'), key: read('admin.key') }
}

export interface Answer {
  readonly status: number
  /** With its head, as it came. */
  readonly bytes: number
  readonly text: () => string
}

export interface AskOptions {
  /** @default application/json */
  readonly accept?: string
  /** Of what sort the body of a PATCH is. @default merge */
  readonly patch?: 'merge' | 'strategic-merge'
}

/**
 * One connection kept alive, one request at a time. Looks at no more of an answer than it
 * is asked for: what the client does beside the server is to cost as little as can be.
 */
export class Connection implements Disposable {
  readonly #socket: TLSSocket
  #chunks: Buffer[] = []
  #size = 0
  /** Of the whole answer, once its head is there. */
  #wanted = Infinity
  #status = 0
  #waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined

  private constructor(socket: TLSSocket) {
    this.#socket = socket
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
    socket.on('error', (error) => this.#waiting?.reject(error))
    socket.on('close', () => this.#waiting?.reject(new Error('the server closed the connection')))
  }

  static async open(server: Served): Promise<Connection> {
    const options = { host: '127.0.0.1', port: server.port, ...server.credentials }
    const socket = connect(options)
    await once(socket, 'secureConnect')
    socket.setNoDelay(true)
    return new Connection(socket)
  }

  /** @throws Error when the answer is not of the 200s. */
  async ask(
    method: string,
    path: string,
    body?: unknown,
    { accept = 'application/json', patch = 'merge' }: AskOptions = {},
  ): Promise<Answer> {
    if (this.#socket.destroyed) throw new Error('the server has closed the connection')
    const text = body === undefined ? '' : JSON.stringify(body)
    const type = method === 'PATCH' ? `application/${patch}-patch+json` : 'application/json'
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    this.#waiting = { resolve, reject }
    this.#socket.write(
      `${method} ${path} HTTP/1.1\r\nHost: podfit\r\nAccept: ${accept}\r\n` +
        `Content-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
    )
    const answer = await promise
    if (answer.status >= 300) throw new Error(`${method} ${path} was answered ${answer.status}`)
    return answer
  }

  [Symbol.dispose](): void {
    this.#waiting = undefined
    this.#socket.destroy()
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#size += chunk.byteLength
    if (this.#wanted === Infinity) this.#readHead()
    if (this.#size < this.#wanted) return
    const chunks = this.#chunks
    const text = () => Buffer.concat(chunks).toString()
    const answer = { status: this.#status, bytes: this.#size, text }
    this.#chunks = []
    this.#size = 0
    this.#wanted = Infinity
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.resolve(answer)
  }

  #readHead(): void {
    const text = Buffer.concat(this.#chunks).toString('latin1')
    const end = text.indexOf('\r\n\r\n')
    if (end === -1) return
    this.#status = Number(text.slice(9, 12))
    const length = /^content-length: (\d+)/im.exec(text.slice(0, end))
    if (length === null) throw new Error(`an answer without a length: ${text.slice(0, end)}`)
    this.#wanted = end + 4 + Number(length[1])
  }
}
