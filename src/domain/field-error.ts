/**
 * Kubernetes' field errors: how an API server says which field is wrong and why.
 * Texts follow apimachinery's field/errors.go so that clients which match on them work.
 */

const headings = {
  required: { text: 'Required value', reason: 'FieldValueRequired' },
  notFound: { text: 'Not found', reason: 'FieldValueNotFound' },
  duplicate: { text: 'Duplicate value', reason: 'FieldValueDuplicate' },
  invalid: { text: 'Invalid value', reason: 'FieldValueInvalid' },
  notSupported: { text: 'Unsupported value', reason: 'FieldValueNotSupported' },
  forbidden: { text: 'Forbidden', reason: 'FieldValueForbidden' },
  tooLong: { text: 'Too long', reason: 'FieldValueTooLong' },
  tooMany: { text: 'Too many', reason: 'FieldValueTooMany' },
  typeInvalid: { text: 'Invalid value', reason: 'FieldValueTypeInvalid' },
} as const

export type FieldErrorKind = keyof typeof headings

export interface FieldError {
  /** Path such as `spec.containers[0].resources.limits[memory]`; `rootField` for the object itself. */
  readonly field: string
  readonly kind: FieldErrorKind
  /** What was given, printed as JSON; only some kinds print it. */
  readonly value?: unknown
  readonly detail: string
}

/** One entry of a Status' `details.causes`. */
export interface StatusCause {
  readonly reason: string
  readonly message: string
  readonly field: string
}

/** How Kubernetes prints a path made from an empty name. */
export const rootField = '[]'

export function forbidden(field: string, detail: string): FieldError {
  return { field, kind: 'forbidden', detail }
}

export function invalid(field: string, value: unknown, detail: string): FieldError {
  return { field, kind: 'invalid', value, detail }
}

export function required(field: string, detail = ''): FieldError {
  return { field, kind: 'required', detail }
}

export function notFound(field: string, value: unknown): FieldError {
  return { field, kind: 'notFound', value, detail: '' }
}

export function duplicate(field: string, value: unknown): FieldError {
  return { field, kind: 'duplicate', value, detail: '' }
}

/** A value that is not in the list; `supported` is printed in the order given. */
export function notSupported(
  field: string,
  value: unknown,
  supported: readonly string[],
): FieldError {
  const choices = supported.map((choice) => JSON.stringify(choice)).join(', ')
  return { field, kind: 'notSupported', value, detail: `supported values: ${choices}` }
}

function printsValue(kind: FieldErrorKind): boolean {
  switch (kind) {
    case 'required':
    case 'forbidden':
    case 'tooLong':
    case 'typeInvalid':
      return false
    case 'notFound':
    case 'duplicate':
    case 'invalid':
    case 'notSupported':
    case 'tooMany':
      return true
    default:
      return kind satisfies never
  }
}

/** The error without its path: the `message` of a cause. */
export function errorBody(error: FieldError): string {
  const { text } = headings[error.kind]
  const value = printsValue(error.kind) ? `: ${JSON.stringify(error.value ?? null)}` : ''
  const detail = error.detail === '' ? '' : `: ${error.detail}`
  return `${text}${value}${detail}`
}

/** `spec: Forbidden: only cpu and memory resources are mutable` */
export function formatFieldError(error: FieldError): string {
  return `${error.field}: ${errorBody(error)}`
}

/** The `details.causes` of the Status that refuses the request, one for each error. */
export function causesOf(errors: readonly FieldError[]): readonly StatusCause[] {
  return errors.map((error) => ({
    reason: headings[error.kind].reason,
    message: errorBody(error),
    field: error.field,
  }))
}

/**
 * The message of a 422 Status: `Pod "web" is invalid: <error>`, in brackets where there
 * are several different ones. Equal texts appear once, as in Kubernetes.
 *
 * @param kind with its group where it has one, as in `Lease.coordination.k8s.io`.
 */
export function invalidMessage(kind: string, name: string, errors: readonly FieldError[]): string {
  const texts = [...new Set(errors.map(formatFieldError))]
  const subject = `${kind} ${JSON.stringify(name)} is invalid`
  if (texts.length === 0) return subject
  return `${subject}: ${texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`}`
}
