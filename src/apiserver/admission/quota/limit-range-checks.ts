import {
  compareQuantity,
  formatQuantity,
  isZero,
  milliValue,
  type Quantity,
} from '../../../domain/quantity/quantity.ts'

/** One bound of a LimitRange and what a container or pod holds against it. */
export interface Observed {
  /** `Container` or `Pod`. */
  readonly type: string
  readonly resource: string
  readonly bound: Quantity
  readonly request: Quantity | undefined
  readonly limit: Quantity | undefined
}

function boundText(kind: string, { resource, type, bound }: Observed): string {
  return `${kind} ${resource} usage per ${type} is ${formatQuantity(bound)}`
}

function isLess(a: Quantity, b: Quantity): boolean {
  return compareQuantity(a, b) < 0
}

/** Kubernetes' words for a request or limit below the minimum; undefined if there is none. */
export function checkMinimum(observed: Observed): string | undefined {
  const { bound, request, limit } = observed
  const text = boundText('minimum', observed)
  if (request === undefined) return `${text}.  No request is specified`
  if (isLess(request, bound)) return `${text}, but request is ${formatQuantity(request)}`
  if (limit !== undefined && isLess(limit, bound)) {
    return `${text}, but limit is ${formatQuantity(limit)}`
  }
  return undefined
}

/** The same for the maximum. */
export function checkMaximum(observed: Observed): string | undefined {
  const { bound, request, limit } = observed
  const text = boundText('maximum', observed)
  if (limit === undefined) return `${text}.  No limit is specified`
  if (isLess(bound, limit)) return `${text}, but limit is ${formatQuantity(limit)}`
  if (request !== undefined && isLess(bound, request)) {
    return `${text}, but request is ${formatQuantity(request)}`
  }
  return undefined
}

/** The same for how many times the request the limit may be. */
export function checkRatio(observed: Observed): string | undefined {
  const { bound, request, limit, resource, type } = observed
  const text = `${resource} max limit to request ratio per ${type} is ${formatQuantity(bound)}`
  if (request === undefined || isZero(request)) {
    return `${text}, but no request is specified or request is 0`
  }
  if (limit === undefined || isZero(limit)) {
    return `${text}, but no limit is specified or limit is 0`
  }
  const ratio = Number(limit.nano) / Number(request.nano)
  if (ratio * 1000 <= milliValue(bound)) return undefined
  return `${text}, but provided ratio is ${ratio.toFixed(6)}`
}
