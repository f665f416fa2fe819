import { Code, ConnectError } from '@connectrpc/connect'

/** What kind of failure a runtime call ended in. */
export type CriErrorCode =
  | 'notFound'
  | 'unavailable'
  | 'deadlineExceeded'
  | 'unimplemented'
  | 'alreadyExists'
  | 'invalid'
  | 'unknown'

/** Whether the same call can succeed later without anybody changing anything. */
export type Retry = 'soon' | 'later' | 'never'

const codes: Partial<Record<Code, { readonly code: CriErrorCode; readonly retry: Retry }>> = {
  [Code.NotFound]: { code: 'notFound', retry: 'never' },
  [Code.Unavailable]: { code: 'unavailable', retry: 'soon' },
  [Code.Aborted]: { code: 'unavailable', retry: 'soon' },
  [Code.Canceled]: { code: 'unavailable', retry: 'soon' },
  [Code.DeadlineExceeded]: { code: 'deadlineExceeded', retry: 'soon' },
  [Code.Unimplemented]: { code: 'unimplemented', retry: 'never' },
  [Code.AlreadyExists]: { code: 'alreadyExists', retry: 'never' },
  [Code.InvalidArgument]: { code: 'invalid', retry: 'never' },
  [Code.OutOfRange]: { code: 'invalid', retry: 'never' },
  [Code.FailedPrecondition]: { code: 'invalid', retry: 'later' },
}

/**
 * A call to the container runtime that failed. `message` is the runtime's own
 * text, unchanged; `call` is the name of the CRI call.
 *
 * `unavailable` means that nothing is known about the effect of the call: the
 * runtime may have carried it out before the connection broke. The same holds
 * for `deadlineExceeded`.
 */
export class CriError extends Error {
  override readonly name = 'CriError'
  readonly code: CriErrorCode
  readonly call: string
  readonly retry: Retry
  /** False where the runtime cannot have heard of the call. */
  readonly sent: boolean

  constructor(call: string, code: CriErrorCode, retry: Retry, message: string, cause?: unknown) {
    super(message, { cause })
    this.sent = !isRefused(cause)
    this.call = call
    this.code = code
    this.retry = retry
  }
}

/** Whether `error` is a CriError, of kind `code` if one is given. */
export function isCriError(error: unknown, code?: CriErrorCode): error is CriError {
  return error instanceof CriError && (code === undefined || error.code === code)
}

/** The failure of `call` as the rest of podfit knows it. */
export function criErrorFrom(call: string, cause: unknown): CriError {
  const failure = ConnectError.from(cause)
  if (isSystemError(failure.cause)) {
    const text = `cannot reach the container runtime: ${failure.rawMessage}`
    return new CriError(call, 'unavailable', 'soon', text, cause)
  }
  const { code, retry } = codes[failure.code] ?? { code: 'unknown', retry: 'later' }
  return new CriError(call, code, retry, failure.rawMessage, cause)
}

/** Whether nobody listened at the socket. */
function isRefused(cause: unknown): boolean {
  const error = cause instanceof ConnectError ? cause.cause : undefined
  return isSystemError(error) && (error.code === 'ECONNREFUSED' || error.code === 'ENOENT')
}

/** Whether the socket failed, and not the call: connect gives some of these no code of their own. */
function isSystemError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
}
