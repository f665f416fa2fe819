import type { Size } from '../../resources/size.ts'
import type { ResizableResource } from '../resize-policy.ts'
import { applyAmount, grainOf } from './apply-amount.ts'
import type { SizeRequest } from './size-request.ts'
import { textOf, valueOf, withValue } from './size-side.ts'

export type AppliedSize =
  | { readonly kind: 'applied'; readonly size: Size }
  | { readonly kind: 'refused'; readonly message: string }

/**
 * The size after the requests were applied to `current`, in exact integers: fractions of
 * a millicore are rounded up, as Kubernetes does. A share of memory that is whole Mi (or Ki)
 * is rounded to whole ones, away from what it was: 64Mi and 20% more are 77Mi. Sides that were
 * not named stay as they are.
 */
export function applySizeRequest(current: Size, ...requests: readonly SizeRequest[]): AppliedSize {
  let size = current
  for (const wanted of requests) {
    const applied = applyOne(size, wanted)
    if (applied.kind === 'refused') return applied
    size = applied.size
  }
  return { kind: 'applied', size }
}

function applyOne(current: Size, wanted: SizeRequest): AppliedSize {
  const { resource } = wanted
  const oldRequest = valueOf(current, resource, 'request')
  const oldLimit = valueOf(current, resource, 'limit')
  const grain = resource === 'cpu' ? 1n : grainOf([oldRequest, oldLimit])
  const at = { resource, grain }
  const request = applyAmount(oldRequest, wanted.request, { ...at, side: 'request' })
  if (request.kind === 'refused') return request
  const follows = wanted.limitFollows && oldLimit !== undefined && oldLimit === oldRequest
  const limit = follows ? request : applyAmount(oldLimit, wanted.limit, { ...at, side: 'limit' })
  if (limit.kind === 'refused') return limit
  const misfit = refuseMisfit(resource, wanted, request.value, limit.value)
  if (misfit !== undefined) return { kind: 'refused', message: misfit }
  const changed = withValue(
    withValue(current, resource, 'request', request.value),
    resource,
    'limit',
    limit.value,
  )
  return { kind: 'applied', size: changed }
}

/** Why the two sides do not go together, if they do not. */
function refuseMisfit(
  resource: ResizableResource,
  wanted: SizeRequest,
  request: bigint | undefined,
  limit: bigint | undefined,
): string | undefined {
  if (limit === undefined) return undefined
  const limitText = textOf(limit, resource)
  if (limit === 0n && (wanted.limit || wanted.limitFollows)) {
    return `Cannot use 0 as the ${resource} limit: 0 means unlimited, and a limit cannot be removed from a running container`
  }
  if (request === undefined || request <= limit) return undefined
  const requestText = textOf(request, resource)
  const named = wanted.request ? requestText : limitText
  return `Cannot use a ${resource} request of ${requestText} with a limit of ${limitText}: a request may not exceed its limit; ${named}:${named} would set both to ${named}`
}
