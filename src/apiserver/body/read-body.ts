import type { BodyFormat } from '../schema/decode.ts'
import { badRequest, StatusError, tooLarge, unsupportedMediaType } from '../status-error.ts'

/** What kube-apiserver accepts as one body: 3 MiB. */
const bodyLimit = 3 * 1024 * 1024

/** How a body is written. */
export type Encoding = BodyFormat | 'protobuf'

export interface Body {
  readonly bytes: Uint8Array
  readonly format: Encoding
}

/**
 * The body and how it is written; no Content-Type means JSON.
 *
 * @throws StatusError 413 and 400 as readBytes, 415 for other encodings.
 */
export async function readBody({ request }: { readonly request: Request }): Promise<Body> {
  const type = mediaType(request)
  const bytes = await readBytes(request)
  const format = encodings.get(type)
  if (format === undefined) throw unsupportedMediaType(type, [...encodings.keys()])
  return { bytes, format }
}

const encodings: ReadonlyMap<string, Encoding> = new Map([
  ['application/json', 'json'],
  ['application/yaml', 'yaml'],
  ['application/vnd.kubernetes.protobuf', 'protobuf'],
])

/**
 * The body's bytes.
 *
 * @throws StatusError 413 when it is larger than `bodyLimit`, 400 when it breaks off.
 */
async function readBytes(request: Request): Promise<Uint8Array> {
  const declared = Number(request.headers.get('content-length') ?? Number.NaN)
  if (declared > bodyLimit) throw tooLarge(bodyLimit)
  try {
    // The requests of @hono/node-server know no bytes(), and their `body` makes them whole ones,
    // which takes longer than all else that is done for a small write.
    if (!Number.isNaN(declared)) return new Uint8Array(await request.arrayBuffer())
    return request.body === null ? new Uint8Array() : await readCounted(request.body)
  } catch (error) {
    throw tooLargeOr(error)
  }
}

/** The body as text, whatever it is called. @throws StatusError as readBytes */
export async function readBodyText(request: Request): Promise<string> {
  return textOf(await readBytes(request))
}

const decoder = new TextDecoder()

export function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes)
}

async function readCounted(body: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.byteLength
    if (size > bodyLimit) throw tooLarge(bodyLimit)
    chunks.push(chunk)
  }
  const [first] = chunks
  return chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks)
}

function tooLargeOr(error: unknown): unknown {
  if (error instanceof StatusError) return error
  const why = error instanceof Error ? error.message : String(error)
  return badRequest(`cannot read the body: ${why}`)
}

/** The media type of the body without parameters; JSON when the client names none. */
export function mediaType(request: Request): string {
  const header = request.headers.get('content-type') ?? ''
  const type = (header.split(';')[0] ?? '').trim().toLowerCase()
  return type === '' ? 'application/json' : type
}
