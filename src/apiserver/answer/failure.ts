import { internalError, StatusError } from '../status-error.ts'
import { encodeJson } from './encode.ts'
import { negotiate, type Format } from './negotiate.ts'
import { DatabaseError } from '../store/database.ts'

/**
 * What `request` is answered with that was refused, or met a defect: a Status, in YAML where it
 * asks for that.
 */
export async function failure(error: unknown, request?: Request): Promise<Response> {
  const encoding = encodingFor(request)
  const known = error instanceof StatusError ? error : internalError(textOf(error))
  const retry = known.details?.retryAfterSeconds
  const json = `${JSON.stringify(known.toStatus())}\n`
  return new Response(await encodeJson(json, encoding, request), {
    status: known.code,
    headers: {
      'content-type': `application/${encoding}`,
      'cache-control': 'no-cache, private',
      ...(retry === undefined ? {} : { 'retry-after': String(retry) }),
    },
  })
}

/** JSON also for those who take nothing that this server has: they are told so. */
function encodingFor(request: Request | undefined): Format['encoding'] {
  try {
    return negotiate(request?.headers.get('accept') ?? null).encoding
  } catch {
    return 'json'
  }
}

function textOf(error: unknown): string {
  if (error instanceof DatabaseError) return error.message
  return 'this is a defect of podfit; its log tells more'
}
