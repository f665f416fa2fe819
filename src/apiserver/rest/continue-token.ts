import { badRequest } from '../status-error.ts'

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

/** @throws StatusError 400 when the text is not a token of ours. */
export function parseContinue(text: string): ContinueToken {
  const token = decode(text)
  if (token?.v !== format) {
    throw badRequest(
      'continue key is not valid: the server does not recognize this encoded version',
    )
  }
  const { rv, start } = token
  if (!Number.isSafeInteger(rv) || Number(rv) === 0 || Number(rv) < -1) {
    throw badRequest('continue key is not valid: incorrect encoded start resourceVersion')
  }
  if (typeof start !== 'string' || start === '') {
    throw badRequest('continue key is not valid: encoded start key empty')
  }
  return { version: Number(rv), start }
}

function decode(text: string): { v?: unknown; rv?: unknown; start?: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64').toString('utf8'))
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    throw badRequest('continue key is not valid: illegal base64 or JSON data')
  }
}
