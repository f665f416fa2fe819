import type { ResourceList, ResourceRequirements } from '../../pod.ts'
import { bytesQuantity, milliCpuQuantity } from '../../quantity/quantity.ts'
import { sizeOf, type Size } from '../../resources/size.ts'
import { bytes, milliCpu } from '../../units.ts'
import type { ResizableResource } from '../resize-policy.ts'
import type { Amount, SizeRequest } from './size-request.ts'

export type AppliedSize =
  | { readonly kind: 'applied'; readonly size: Size }
  | { readonly kind: 'refused'; readonly message: string }

type Side = 'request' | 'limit'

type Scale = Extract<Amount, { kind: 'scale' }>

interface Place {
  readonly resource: ResizableResource
  readonly side: Side
  /** A share is rounded to a multiple of this. */
  readonly grain: bigint
}

type AppliedAmount =
  | { readonly kind: 'amount'; readonly value: bigint | undefined }
  | { readonly kind: 'refused'; readonly message: string }

const keys = {
  cpu: { request: 'cpuRequest', limit: 'cpuLimit' },
  memory: { request: 'memoryRequest', limit: 'memoryLimit' },
} as const

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

function applyAmount(
  old: bigint | undefined,
  amount: Amount | undefined,
  { resource, side, grain }: Place,
): AppliedAmount {
  if (amount === undefined) return { kind: 'amount', value: old }
  if (amount.kind === 'set') return { kind: 'amount', value: amount.value }
  if (old === undefined) {
    const example = resource === 'cpu' ? '500m' : '256Mi'
    const message =
      `Cannot change the ${resource} ${side} by a share or a difference: ` +
      `there is no ${resource} ${side} yet; give an amount such as ${example}`
    return { kind: 'refused', message }
  }
  const value = amount.kind === 'add' ? old + amount.value : scaled(old, amount, grain)
  if (value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER)) {
    const now = textOf(old, resource)
    const bound = value < 0n ? 'below 0' : 'above the largest size there is'
    const message = `Cannot change the ${resource} ${side} like that: it is ${now} now and would be ${bound}`
    return { kind: 'refused', message }
  }
  return { kind: 'amount', value }
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

/** The same for both sides, so that a request that is not above its limit stays so. */
function grainOf(values: readonly (bigint | undefined)[]): bigint {
  const isWhole = (grain: bigint) => values.every((value = 0n) => value % grain === 0n)
  return [1n << 20n, 1n << 10n].find(isWhole) ?? 1n
}

function scaled(old: bigint, { numerator, denominator }: Scale, grain: bigint): bigint {
  const [dividend, divisor] = [old * numerator, denominator * grain]
  const whole = dividend / divisor
  const isExact = dividend % divisor === 0n
  // Never down to nothing, which would mean something else.
  const goesDown = numerator < denominator && grain > 1n && whole > 0n
  return (isExact || goesDown ? whole : whole + 1n) * grain
}

function valueOf(size: Size, resource: ResizableResource, side: Side): bigint | undefined {
  const value = size[keys[resource][side]]
  return value === undefined ? undefined : BigInt(value)
}

function withValue(
  size: Size,
  resource: ResizableResource,
  side: Side,
  value: bigint | undefined,
): Size {
  if (value === undefined) return size
  const unit = resource === 'cpu' ? milliCpu : bytes
  return { ...size, [keys[resource][side]]: unit(Number(value)) }
}

function textOf(value: bigint, resource: ResizableResource): string {
  return resource === 'cpu'
    ? milliCpuQuantity(milliCpu(Number(value)))
    : bytesQuantity(bytes(Number(value)))
}

/**
 * `resources` with the CPU and memory of `size`. Everything else in it stays, and so does
 * the text of a value that does not change. A key that `size` does not have stays too:
 * Kubernetes does not let a resize remove it.
 */
export function withSize(
  resources: ResourceRequirements | undefined,
  size: Size,
): ResourceRequirements {
  const current = sizeOf(resources)
  const requests = withSide(resources?.requests, current, size, 'request')
  const limits = withSide(resources?.limits, current, size, 'limit')
  return { ...resources, ...(requests ? { requests } : {}), ...(limits ? { limits } : {}) }
}

function withSide(
  list: ResourceList | undefined,
  current: Size,
  size: Size,
  side: Side,
): ResourceList | undefined {
  const changes = (['cpu', 'memory'] as const).flatMap((resource) => {
    const value = valueOf(size, resource, side)
    if (value === undefined || value === valueOf(current, resource, side)) return []
    return [[resource, textOf(value, resource)] as const]
  })
  return changes.length === 0 ? list : { ...list, ...Object.fromEntries(changes) }
}
