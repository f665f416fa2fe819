import { milliValue, parseQuantity, wholeValue } from '../../quantity/quantity.ts'
import type { ResizableResource } from '../resize-policy.ts'

/**
 * One side of a size as the command line takes it. Numbers are millicores for CPU and
 * bytes for memory.
 */
export type Amount =
  | { readonly kind: 'set'; readonly value: bigint }
  | { readonly kind: 'add'; readonly value: bigint }
  | { readonly kind: 'scale'; readonly numerator: bigint; readonly denominator: bigint }

/** What `--cpu` or `--memory` asks for. An absent side stays as it is. */
export interface SizeRequest {
  readonly resource: ResizableResource
  readonly request?: Amount
  readonly limit?: Amount
  /** A single value: the limit goes along where it equals the request today. */
  readonly limitFollows: boolean
}

export type ParsedSizeRequest =
  | { readonly kind: 'parsed'; readonly wanted: SizeRequest }
  | { readonly kind: 'refused'; readonly message: string }

type ParsedAmount =
  | { readonly kind: 'amount'; readonly amount: Amount | undefined }
  | { readonly kind: 'refused'; readonly message: string }

const pageSize = 4096n

const examples = {
  cpu: '500m, 1.5, +20%, -100m or x2',
  memory: '512Mi, 1Gi, +20%, -100Mi or x2',
} as const

/**
 * Reads `REQ[:LIM]`, where each side is an amount (`500m`, `1Gi`), a difference (`+20%`,
 * `-100m`) or a factor (`x2`, `x0.5`). An empty side is left unchanged: `:1` sets only
 * the limit, `500m:` only the request. Without a colon the limit follows the request
 * where the two are equal today, so that a Guaranteed pod stays Guaranteed.
 */
export function parseSizeRequest(text: string, resource: ResizableResource): ParsedSizeRequest {
  const [requestText = '', limitText, ...more] = text.trim().split(':')
  if (more.length > 0) return refusedText(text, resource, 'it has more than one colon')
  const request = parseAmount(requestText.trim(), text, resource)
  if (request.kind === 'refused') return request
  const limit = parseAmount((limitText ?? '').trim(), text, resource)
  if (limit.kind === 'refused') return limit
  if (!request.amount && !limit.amount) return refusedText(text, resource, 'it names no amount')
  const wanted = {
    resource,
    ...(request.amount ? { request: request.amount } : {}),
    ...(limit.amount ? { limit: limit.amount } : {}),
    limitFollows: limitText === undefined,
  }
  return { kind: 'parsed', wanted }
}

function refusedText(text: string, resource: ResizableResource, why: string) {
  const message =
    `Cannot read ${JSON.stringify(text)} as a ${resource} size: ${why}. ` +
    `Write REQUEST or REQUEST:LIMIT, each such as ${examples[resource]}; ` +
    'an empty side stays as it is'
  return { kind: 'refused', message } as const
}

function parseAmount(side: string, text: string, resource: ResizableResource): ParsedAmount {
  if (side === '') return { kind: 'amount', amount: undefined }
  const scale = parseScale(side)
  if (scale) return { kind: 'amount', amount: scale }
  const [, sign = '', digits = ''] = /^([+-]?)(.*)$/.exec(side) ?? []
  const value = parseWhole(digits, resource)
  if (typeof value === 'string') return refusedText(text, resource, `${side} ${value}`)
  if (sign === '') return { kind: 'amount', amount: { kind: 'set', value } }
  return { kind: 'amount', amount: { kind: 'add', value: sign === '-' ? -value : value } }
}

/** `+20%`, `-12.5%`, `x2`, `x0.5` as an exact fraction. */
function parseScale(side: string): Amount | undefined {
  const factor = /^x(\d+(?:\.\d+)?)$/.exec(side)?.[1]
  if (factor !== undefined) return { kind: 'scale', ...fractionOf(factor) }
  const [, sign, percent] = /^([+-])(\d+(?:\.\d+)?)%$/.exec(side) ?? []
  if (percent === undefined) return undefined
  const part = fractionOf(percent)
  const whole = 100n * part.denominator
  const numerator = sign === '-' ? whole - part.numerator : whole + part.numerator
  return { kind: 'scale', numerator, denominator: whole }
}

function fractionOf(decimal: string): { numerator: bigint; denominator: bigint } {
  const [whole = '', decimals = ''] = decimal.split('.')
  return { numerator: BigInt(whole + decimals), denominator: 10n ** BigInt(decimals.length) }
}

/** The amount in the unit of the resource, or what is wrong with it. */
function parseWhole(digits: string, resource: ResizableResource): bigint | string {
  if (digits === '%') return 'is a share without a number; write +20% or -20%'
  if (digits.endsWith('%')) return 'is a share without a sign; write +20% or -20%'
  const quantity = /^[+-]/.test(digits) ? undefined : parseQuantity(digits)
  if (quantity === undefined) return 'is not a quantity'
  const value = resource === 'cpu' ? milliValue(quantity) : wholeValue(quantity)
  // Conversions stop here, so this may be more.
  if (value >= Number.MAX_SAFE_INTEGER) return 'is too large'
  if (resource === 'cpu' && digits.endsWith('i')) {
    return 'is an amount of memory; --memory takes that, and cores are written like 500m or 2'
  }
  if (resource === 'memory' && /[num]$/.test(digits)) {
    return `is ${value} byte${value === 1 ? '' : 's'}, a fraction; Mi and Gi are the usual units`
  }
  if (resource === 'memory' && value > 0 && BigInt(value) < pageSize) {
    return `is only ${value} bytes; Mi and Gi are the usual units`
  }
  return BigInt(value)
}
