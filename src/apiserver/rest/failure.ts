import { internalError, StatusError } from '../status-error.ts'
import { encodeJson } from './encode.ts'
import { negotiate, type Format } from './negotiate.ts'
import { DatabaseError } from '../store/database.ts'

/**
 * What a request is answered with that was refused, or met a defect: a Status, in YAML where
 * `accept` asks for that.
 */
export async function failure(error: unknown, accept?: string): Promise<Response> {
  const encoding = encodingFor(accept)
  const known = error instanceof StatusError ? error : internalError(textOf(error))
  const retry = known.details?.retryAfterSeconds
  return new Response(await encodeJson(`${JSON.stringify(known.toStatus())}\n`, encoding), {
    status: known.code,
    headers: {
      'content-type': `application/${encoding}`,
      'cache-control': 'no-cache, private',
      ...(retry === undefined ? {} : { 'retry-after': String(retry) }),
    },
  })
}

/** JSON also for those who take nothing that this server has: they are told so. */
function encodingFor(accept: string | undefined): Format['encoding'] {
  try {
    return negotiate(accept ?? null).encoding
  } catch {
    return 'json'
  }
}

function textOf(error: unknown): string {
  if (error instanceof DatabaseError) return error.message
  return 'this is a defect of podfit; its log tells more'
}
