import { badRequest, type StatusError } from '../status-error.ts'

/** Where the next page of a list begins, and of which state. */
export interface ContinueToken {
  /** The resourceVersion of the first page; -1 takes whatever is there now. */
  readonly version: number
  /** The first key of the page, without the prefix that all keys share. */
  readonly start: string
}

const format = 'meta.k8s.io/v1'

export function printContinue({ version, start }: ContinueToken): string {
  return Buffer.from(JSON.stringify({ v: format, rv: version, start })).toString('base64url')
}

/**
 * @throws StatusError 400 when the text is not a token of ours.
 * @see Kubernetes apiserver/pkg/storage/continue.go
 */
export function parseContinue(text: string): ContinueToken {
  const { v, rv, start } = decode(text)
  if (v !== format) {
    throw wrongToken(
      `: server does not recognize this encoded version ${typeof v === 'string' ? v : ''}`,
    )
  }
  if (!Number.isSafeInteger(rv) || Number(rv) === 0 || Number(rv) < -1) {
    throw wrongToken(`: incorrect encoded start resourceVersion (version ${format})`)
  }
  if (typeof start !== 'string' || start === '') {
    throw wrongToken(`: encoded start key empty (version ${format})`)
  }
  return { version: Number(rv), start }
}

function wrongToken(why: string): StatusError {
  return badRequest(`invalid continue token: continue key is not valid${why}`)
}

function decode(text: string): { v?: unknown; rv?: unknown; start?: unknown } {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64').toString('utf8'))
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    throw wrongToken(': illegal base64 or JSON data')
  }
}
