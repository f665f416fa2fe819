import type { ResourceList } from '../../domain/pod.ts'
import { compareQuantity, formatQuantity, parseQuantity } from '../../domain/quantity.ts'
import { parseList, type QuantityList } from '../../domain/quantity-list.ts'
import {
  duplicate,
  forbidden,
  invalid,
  required,
  type FieldError,
} from '../../domain/resize/field-error.ts'
import type { LimitRange, LimitRangeItem } from './limit-range.ts'

type Bound = 'default' | 'defaultRequest' | 'max' | 'min'

/** How each bound is called in messages, and which must not exceed which. */
const names: Readonly<Record<Bound, string>> = {
  min: 'min',
  defaultRequest: 'default request',
  default: 'default',
  max: 'max',
}
const orders: readonly (readonly [low: Bound, high: Bound])[] = [
  ['min', 'max'],
  ['min', 'defaultRequest'],
  ['defaultRequest', 'max'],
  ['min', 'default'],
  ['default', 'max'],
  ['defaultRequest', 'default'],
]

/** What is wrong with a LimitRange that has its defaults (Kubernetes ValidateLimitRange). */
export function validateLimitRange({ spec }: LimitRange): readonly FieldError[] {
  const seen = new Set<string>()
  return (spec?.limits ?? []).flatMap((item, index) => {
    const path = `spec.limits[${index}]`
    const repeated = seen.has(item.type)
    seen.add(item.type)
    return [
      ...((item.type ?? '') === '' ? [required(`${path}.type`)] : []),
      ...(repeated ? [duplicate(`${path}.type`, item.type)] : []),
      ...(item.type === 'Pod' ? refuseDefaults(item, path) : []),
      ...orders.flatMap(([low, high]) => checkOrder(item, low, high, path)),
      ...checkRatios(item.maxLimitRequestRatio, path),
    ]
  })
}

function refuseDefaults(item: LimitRangeItem, path: string): readonly FieldError[] {
  return (['default', 'defaultRequest'] as const).flatMap((bound) =>
    Object.keys(item[bound] ?? {}).length === 0
      ? []
      : [forbidden(`${path}.${bound}`, "may not be specified when `type` is 'Pod'")],
  )
}

function checkOrder(
  item: LimitRangeItem,
  low: Bound,
  high: Bound,
  path: string,
): readonly FieldError[] {
  const [lows, highs]: readonly QuantityList[] = [parseList(item[low]), parseList(item[high])]
  return Object.entries(lows ?? {}).flatMap(([resource, least]) => {
    const most = highs?.[resource]
    if (most === undefined || compareQuantity(least, most) <= 0) return []
    const [a, b] = [formatQuantity(least), formatQuantity(most)]
    const detail = `${names[low]} value ${a} is greater than ${names[high]} value ${b}`
    return [invalid(`${path}.${low}[${resource}]`, a, detail)]
  })
}

function checkRatios(ratios: ResourceList | undefined, path: string): readonly FieldError[] {
  const one = parseQuantity('1')
  return Object.entries(parseList(ratios)).flatMap(([resource, ratio]) => {
    if (one === undefined || compareQuantity(ratio, one) >= 0) return []
    const text = formatQuantity(ratio)
    const field = `${path}.maxLimitRequestRatio[${resource}]`
    return [invalid(field, text, `ratio ${text} is less than 1`)]
  })
}
