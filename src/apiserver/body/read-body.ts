import type { BodyFormat } from '../schema/parse-body.ts'
import { badRequest, StatusError, tooLarge, unsupportedMediaType } from '../status-error.ts'

/** What kube-apiserver accepts as one body: 3 MiB. */
const bodyLimit = 3 * 1024 * 1024

export type Body =
  | { readonly format: BodyFormat; readonly text: string }
  | { readonly format: 'protobuf'; readonly bytes: Uint8Array }

/**
 * The body and how it is written; no Content-Type means JSON.
 *
 * @throws StatusError 413 and 400 as readBodyText, 415 for other encodings.
 */
export async function readBody({ request }: { readonly request: Request }): Promise<Body> {
  const type = mediaType(request)
  const format = encodings.get(type)
  if (format === 'json' || format === 'yaml') return { format, text: await readBodyText(request) }
  const bytes = await readBytes(request)
  if (format === undefined) throw unsupportedMediaType(type, [...encodings.keys()])
  return { format, bytes }
}

const encodings: ReadonlyMap<string, Body['format']> = new Map([
  ['application/json', 'json'],
  ['application/yaml', 'yaml'],
  ['application/vnd.kubernetes.protobuf', 'protobuf'],
])

async function readBytes(request: Request): Promise<Uint8Array> {
  return isDeclared(request)
    ? new Uint8Array(await unbroken(request.arrayBuffer()))
    : unbroken(readCounted(request))
}

const decoder = new TextDecoder()

/**
 * The body as text, whatever it is called.
 *
 * @throws StatusError 413 when it is larger than `bodyLimit`, 400 when it breaks off.
 */
export async function readBodyText(request: Request): Promise<string> {
  return isDeclared(request)
    ? unbroken(request.text())
    : decoder.decode(await unbroken(readCounted(request)))
}

/**
 * Whether the client says how long its body is. The requests of @hono/node-server know no bytes(),
 * and their `body` makes them whole ones, which takes longer than all else that is done for a small
 * write.
 *
 * @throws StatusError 413 when it is larger than `bodyLimit`.
 */
function isDeclared(request: Request): boolean {
  const declared = Number(request.headers.get('content-length') ?? Number.NaN)
  if (declared > bodyLimit) throw tooLarge(bodyLimit)
  return !Number.isNaN(declared)
}

async function readCounted({ body }: Request): Promise<Uint8Array> {
  if (body === null) return new Uint8Array()
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

async function unbroken<Read>(body: Promise<Read>): Promise<Read> {
  try {
    return await body
  } catch (error) {
    if (error instanceof StatusError) throw error
    const why = error instanceof Error ? error.message : String(error)
    throw badRequest(`cannot read the body: ${why}`)
  }
}

/** The media type of the body without parameters; JSON when the client names none. */
export function mediaType(request: Request): string {
  const header = request.headers.get('content-type') ?? ''
  const type = (header.split(';')[0] ?? '').trim().toLowerCase()
  return type === '' ? 'application/json' : type
}
