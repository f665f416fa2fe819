/** One cause of a refusal, most often a field. */
export interface StatusCause {
  readonly reason?: string
  readonly message?: string
  readonly field?: string
}

/** What Kubernetes answers instead of an object: kind Status of meta/v1. */
export interface Status {
  readonly kind?: string
  readonly status?: string
  readonly message?: string
  readonly reason?: string
  readonly code?: number
  readonly details?: StatusDetails
}

export interface StatusDetails {
  readonly name?: string
  readonly group?: string
  readonly kind?: string
  readonly uid?: string
  readonly causes?: readonly StatusCause[]
  readonly retryAfterSeconds?: number
}

interface Failure {
  /** HTTP status; 0 when there was no answer. */
  readonly code: number
  /** Kubernetes' word (`NotFound`, `Conflict`, `Invalid`), or `Unreachable`, `Certificate`, `Credentials`. */
  readonly reason: string
  readonly details?: StatusDetails | undefined
  readonly cause?: unknown
}

/** A request that the API server refused, or that did not reach it. The message is the server's own. */
export class KubeError extends Error {
  override readonly name = 'KubeError'
  readonly code: number
  readonly reason: string
  readonly details: StatusDetails | undefined

  constructor(message: string, failure: Failure) {
    super(message, { cause: failure.cause })
    this.code = failure.code
    this.reason = failure.reason
    this.details = failure.details
  }

  /**
   * When the same request may work: `soon` after a busy or unreachable server or a conflict
   * (read the object again first), `later` when somebody has to grant or free something.
   */
  get retry(): 'soon' | 'later' | 'never' {
    if (this.reason === 'Certificate') return 'never'
    if (this.code === 409) return this.reason === 'AlreadyExists' ? 'never' : 'soon'
    if (this.code === 401 || this.code === 403) return 'later'
    const isPassing = this.code === 0 || this.code === 408 || this.code === 410 || this.code === 429
    return isPassing || this.code >= 500 ? 'soon' : 'never'
  }
}

/** Whether `error` is a KubeError with this reason: `isKubeError(error, 'NotFound')`. */
export function isKubeError(error: unknown, reason?: string): error is KubeError {
  return error instanceof KubeError && (reason === undefined || error.reason === reason)
}

const reasonOfCode: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  409: 'Conflict',
  410: 'Expired',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
}

/** The error that a Status tells of. `code` stands in where the Status has none. */
export function errorFromStatus(status: Status, code = status.code ?? 500): KubeError {
  const reason = status.reason || (reasonOfCode[code] ?? 'Unknown')
  return new KubeError(messageOf(status.message ?? '', code, reason), {
    code,
    reason,
    details: status.details,
  })
}

/** What it cannot do is the server's own text; what fails of itself, that of whatever is behind it. */
function messageOf(said: string, code: number, reason: string): string {
  if (said === '') return `The API server answered ${code} ${reason} without a message`
  if (code === 401) return `The API server knows nobody by these credentials: ${said}`
  const failed = (code >= 500 || code === 429) && !said.startsWith('A proxy before')
  const word = reason === 'Unknown' ? '' : ` ${reason}`
  return failed ? `The API server answers ${code}${word}: ${said}` : said
}

function parsed(text: string): Status | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || !('kind' in value)) return undefined
    return value.kind === 'Status' ? (value as Status) : undefined
  } catch {
    return undefined
  }
}

/** The error that a response with a failure code tells of, be it a Status or a proxy's plain text. */
export async function errorFromResponse(response: Response): Promise<KubeError> {
  const text = await response.text().catch(() => '')
  const code = response.status
  const waitSeconds = Number(response.headers.get('retry-after') ?? NaN)
  const retry = Number.isFinite(waitSeconds) ? { retryAfterSeconds: waitSeconds } : {}
  const status = parsed(text)
  if (status !== undefined) {
    return errorFromStatus({ ...status, details: { ...retry, ...status.details } }, code)
  }
  const message = isPage(response)
    ? `A proxy before the API server, or no API server, answered ${code}: ${titleIn(text)}`
    : text.trim().slice(0, 500) || response.statusText
  return errorFromStatus({ code, message, details: retry }, code)
}

/** Whether it is made for a browser, which nothing is that Kubernetes says. */
export function isPage({ headers }: Response): boolean {
  return headers.get('content-type')?.startsWith('text/html') === true
}

function titleIn(page: string): string {
  return /<title>([^<]*)<\/title>/i.exec(page)?.[1]?.trim() || 'a page without a title'
}
