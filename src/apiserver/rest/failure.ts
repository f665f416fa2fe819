import { internalError, StatusError } from '../status-error.ts'
import { DatabaseError } from '../store/database.ts'

/** What a request is answered with that was refused, or met a defect. */
export function failure(error: unknown): Response {
  const known = error instanceof StatusError ? error : internalError(textOf(error))
  const retry = known.details?.retryAfterSeconds
  return new Response(`${JSON.stringify(known.toStatus())}\n`, {
    status: known.code,
    headers: {
      'content-type': 'application/json',
      'cache-control': 'no-cache, private',
      ...(retry === undefined ? {} : { 'retry-after': String(retry) }),
    },
  })
}

function textOf(error: unknown): string {
  if (error instanceof DatabaseError) return error.message
  return 'this is a defect of podfit; its log tells more'
}
