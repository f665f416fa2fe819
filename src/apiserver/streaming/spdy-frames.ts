/**
 * The frames of SPDY/3.1 that Kubernetes' streams are made of. Container runtimes speak
 * nothing newer that lets a client end its input and go on reading.
 *
 * @see the SPDY protocol, draft 3.1, and github.com/moby/spdystream
 */
const control = 0x80
const version = 3
const types = { synStream: 1, ping: 6, goAway: 7 } as const
const fin = 1
const headSize = 8

export type Frame =
  | {
      readonly kind: 'data'
      readonly stream: number
      readonly bytes: Buffer
      readonly end: boolean
    }
  | { readonly kind: 'ping'; readonly bytes: Buffer }
  | { readonly kind: 'goAway' }
  | { readonly kind: 'other' }

/** Opens a stream. `first`: no other one was opened on this connection before. */
export function openStream(
  stream: number,
  headers: Readonly<Record<string, string>>,
  first: boolean,
): Buffer {
  const place = Buffer.alloc(10)
  place.writeUInt32BE(stream)
  const payload = Buffer.concat([place, compressed(headerBlock(headers), first)])
  return Buffer.concat([controlHead(types.synStream, payload.byteLength), payload])
}

/** @param end nothing follows on this stream from this side. */
export function streamData(stream: number, bytes: Uint8Array, end = false): Buffer {
  const head = Buffer.alloc(headSize)
  head.writeUInt32BE(stream)
  head.writeUInt32BE(bytes.byteLength, 4)
  head[4] = end ? fin : 0
  return Buffer.concat([head, bytes])
}

/** The answer to a ping, which is the ping. */
export function pong(bytes: Uint8Array): Buffer {
  return Buffer.concat([controlHead(types.ping, bytes.byteLength), bytes])
}

/** Cuts what is received into frames; keeps what is not whole yet. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0)

  read(chunk: Buffer): Frame[] {
    let rest = this.#rest.byteLength === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    const frames: Frame[] = []
    while (rest.byteLength >= headSize) {
      const size = headSize + rest.readUIntBE(5, 3)
      if (rest.byteLength < size) break
      frames.push(frameIn(rest.subarray(0, headSize), rest.subarray(headSize, size)))
      rest = rest.subarray(size)
    }
    this.#rest = rest
    return frames
  }
}

function frameIn(head: Buffer, bytes: Buffer): Frame {
  if (((head[0] ?? 0) & control) === 0) {
    return { kind: 'data', stream: head.readUInt32BE(), bytes, end: ((head[4] ?? 0) & fin) !== 0 }
  }
  switch (head.readUInt16BE(2)) {
    case types.ping:
      return { kind: 'ping', bytes }
    case types.goAway:
      return { kind: 'goAway' }
    default:
      return { kind: 'other' }
  }
}

function controlHead(type: number, size: number): Buffer {
  const head = Buffer.alloc(headSize)
  head[0] = control
  head[1] = version
  head.writeUInt16BE(type, 2)
  head.writeUIntBE(size, 5, 3)
  return head
}

function headerBlock(headers: Readonly<Record<string, string>>): Buffer {
  const parts = [number32(Object.keys(headers).length)]
  for (const text of Object.entries(headers).flat()) {
    parts.push(number32(Buffer.byteLength(text)), Buffer.from(text))
  }
  return Buffer.concat(parts)
}

function number32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/**
 * Headers are one zlib stream over the whole connection. This one has them as they are, each
 * time closed by an empty block, which makes the reader hand out what it has.
 */
function compressed(block: Buffer, first: boolean): Buffer {
  const stored = Buffer.alloc(5)
  stored.writeUInt16LE(block.byteLength, 1)
  stored.writeUInt16LE(0xffff - block.byteLength, 3)
  const flush = Buffer.from([0, 0, 0, 0xff, 0xff])
  return Buffer.concat([Buffer.from(first ? [0x78, 0x01] : []), stored, block, flush])
}
