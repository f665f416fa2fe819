import { causesOf, invalidMessage, type FieldError } from '../domain/field-error.ts'

/** One finding in `details.causes` of a Status. */
export interface StatusCause {
  readonly reason?: string
  readonly message?: string
  readonly field?: string
}

export interface StatusDetails {
  readonly name?: string
  readonly group?: string
  readonly kind?: string
  readonly uid?: string
  readonly causes?: readonly StatusCause[]
  readonly retryAfterSeconds?: number
}

/** meta.k8s.io/v1 Status: what Kubernetes answers when there is no object to show. */
export interface Status {
  readonly kind: 'Status'
  readonly apiVersion: 'v1'
  readonly metadata: Readonly<Record<string, unknown>>
  readonly status: 'Success' | 'Failure'
  readonly message?: string
  readonly reason?: string
  readonly details?: StatusDetails
  readonly code?: number
}

/** Names a resource in messages: `pods`, or `leases.coordination.k8s.io`. */
export interface ResourceName {
  readonly group: string
  readonly plural: string
}

/**
 * A request that is answered with a failure. Thrown anywhere below the request
 * handler, which turns it into the answer; nothing else catches it.
 */
export class StatusError extends Error {
  readonly code: number
  readonly reason: string
  readonly details: StatusDetails | undefined

  constructor(code: number, reason: string, message: string, details?: StatusDetails) {
    super(message)
    this.name = 'StatusError'
    this.code = code
    this.reason = reason
    this.details = details
  }

  toStatus(): Status {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
      reason: this.reason,
      ...(this.details === undefined ? {} : { details: this.details }),
      code: this.code,
    }
  }
}

function qualified({ group, plural }: ResourceName): string {
  return group === '' ? plural : `${plural}.${group}`
}

function detailsOf(
  resource: ResourceName,
  name: string,
  causes?: readonly StatusCause[],
): StatusDetails {
  const { group, plural } = resource
  return {
    ...(name === '' ? {} : { name }),
    ...(group === '' ? {} : { group }),
    kind: plural,
    ...(causes === undefined ? {} : { causes }),
  }
}

export function badRequest(message: string): StatusError {
  return new StatusError(400, 'BadRequest', message)
}

export function unauthorized(): StatusError {
  return new StatusError(401, 'Unauthorized', 'Unauthorized')
}

/** 403, e.g. `pods "x" is forbidden: why`. */
export function forbidden(
  resource: ResourceName,
  name: string,
  why: string,
  causes?: readonly StatusCause[],
): StatusError {
  const subject = name === '' ? qualified(resource) : `${qualified(resource)} "${name}"`
  const details = detailsOf(resource, name, causes)
  return new StatusError(403, 'Forbidden', `${subject} is forbidden: ${why}`, details)
}

/** 404 for an object: `pods "x" not found`. */
export function notFound(resource: ResourceName, name: string): StatusError {
  const details = detailsOf(resource, name)
  return new StatusError(404, 'NotFound', `${qualified(resource)} "${name}" not found`, details)
}

const noSuchPath = 'the server could not find the requested resource'

/** 404 for a path that this server does not have. */
export function unknownPath(): StatusError {
  return new StatusError(404, 'NotFound', noSuchPath, {})
}

/** The same for a kind that Kubernetes may have: `kubectl create deployment` shows the message. */
export function notServed(resource: ResourceName): StatusError {
  const why = `podfit has no ${qualified(resource)}; kubectl api-resources lists what it has`
  return new StatusError(404, 'NotFound', `${noSuchPath}: ${why}`, {})
}

export function methodNotAllowed(): StatusError {
  return new StatusError(
    405,
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
    {},
  )
}

export function notAcceptable(accepted: readonly string[]): StatusError {
  return new StatusError(
    406,
    'NotAcceptable',
    `only the following media types are accepted: ${accepted.join(', ')}`,
  )
}

export function alreadyExists(resource: ResourceName, name: string): StatusError {
  const details = detailsOf(resource, name)
  const message = `${qualified(resource)} "${name}" already exists`
  return new StatusError(409, 'AlreadyExists', message, details)
}

/** 409 for a name that the server made, after as many others as it tries. */
export function noNameLeft(resource: ResourceName, name: string): StatusError {
  const details = { ...detailsOf(resource, name), retryAfterSeconds: 1 }
  const message =
    `${qualified(resource)} "${name}" already exists, ` +
    'the server was not able to generate a unique name for the object'
  return new StatusError(409, 'AlreadyExists', message, details)
}

/** 409: `Operation cannot be fulfilled on pods "x": why`. */
export function conflict(resource: ResourceName, name: string, why: string): StatusError {
  const message = `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${why}`
  return new StatusError(409, 'Conflict', message, detailsOf(resource, name))
}

export const staleObject =
  'the object has been modified; please apply your changes to the latest version and try again'

/** 410: the history that was asked for is forgotten. */
export function expired(message: string): StatusError {
  return new StatusError(410, 'Expired', message)
}

export function tooLarge(limit: number): StatusError {
  return new StatusError(
    413,
    'RequestEntityTooLarge',
    `Request entity too large: limit is ${limit}`,
  )
}

/** 415 for a body that is written in another way than one of the `accepted`. */
export function unsupportedMediaType(
  got: string,
  accepted: readonly string[],
  hint = '',
): StatusError {
  return new StatusError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ` +
      `${accepted.join(', ')} (got ${got})${hint}`,
  )
}

/** Nobody reads more of them, and a small body can have millions. */
const mostErrors = 1000

/** 422: `Pod "x" is invalid: …`; the details name the kind, not the resource. */
export function invalid(
  kind: { readonly group: string; readonly kind: string },
  name: string,
  errors: readonly FieldError[],
): StatusError {
  const qualifiedKind = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`
  const told = errors.slice(0, mostErrors)
  const more = errors.length > told.length ? ` and ${errors.length - told.length} more` : ''
  return new StatusError(422, 'Invalid', `${invalidMessage(qualifiedKind, name, told)}${more}`, {
    ...(name === '' ? {} : { name }),
    ...(kind.group === '' ? {} : { group: kind.group }),
    kind: kind.kind,
    causes: causesOf(told),
  })
}

/** 504: a resourceVersion that is still to come. */
export function versionTooLarge(wanted: bigint, current: number): StatusError {
  return new StatusError(
    504,
    'Timeout',
    `Timeout: Too large resource version: ${wanted}, current: ${current}`,
    {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  )
}

export function internalError(message: string): StatusError {
  return new StatusError(500, 'InternalError', `Internal error occurred: ${message}`, {
    causes: [{ message }],
  })
}
