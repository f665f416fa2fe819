import { badRequest, StatusError, tooLarge } from '../status-error.ts'

/** What kube-apiserver accepts as one body: 3 MiB. */
export const bodyLimit = 3 * 1024 * 1024

/**
 * The body as text.
 *
 * @throws StatusError 413 when it is larger than `bodyLimit`, 400 when it breaks off.
 */
export async function readBody(request: Request): Promise<string> {
  const declared = Number(request.headers.get('content-length') ?? Number.NaN)
  if (declared > bodyLimit) throw tooLarge(bodyLimit)
  if (request.body === null) return ''
  try {
    return Number.isNaN(declared) ? await readCounted(request.body) : await request.text()
  } catch (error) {
    throw tooLargeOr(error)
  }
}

async function readCounted(body: ReadableStream<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.byteLength
    if (size > bodyLimit) throw tooLarge(bodyLimit)
    chunks.push(chunk)
  }
  const [first] = chunks
  const whole = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks)
  return new TextDecoder().decode(whole)
}

function tooLargeOr(error: unknown): unknown {
  if (error instanceof StatusError) return error
  const why = error instanceof Error ? error.message : String(error)
  return badRequest(`cannot read the body: ${why}`)
}

/** The media type of the body without parameters; JSON when the client names none. */
export function mediaType(request: Request): string {
  const header = request.headers.get('content-type') ?? ''
  // A Request made from a string names text/plain by itself; kubectl never sends it.
  const type = (header.split(';')[0] ?? '').trim().toLowerCase()
  return type === '' ? 'application/json' : type
}
