import { compareQuantity, formatQuantity, milliValue } from '../../../domain/quantity/quantity.ts'
import type { Quantity } from '../../../domain/quantity/quantity.ts'
import type { ResourceList } from '../../../domain/pod.ts'
import { parseList } from '../../../domain/quantity/quantity-list.ts'
import {
  duplicate,
  forbidden,
  invalid,
  required,
  type FieldError,
} from '../../../domain/field-error.ts'
import {
  checkContainerResource,
  checkResource,
  isExtended,
  isHugePages,
} from '../../../domain/resize/validation/resource-names.ts'
import type { LimitRange, LimitRangeItem } from './limit-range.ts'
import { checkName, qualifiedName } from '../name-rules.ts'

const bounds = ['max', 'min', 'default', 'defaultRequest'] as const
type Bound = (typeof bounds)[number]

/** One bound that must not be above another, how both are called, and which one is to blame. */
interface Order {
  readonly low: readonly [Bound, name: string]
  readonly high: readonly [Bound, name: string]
  readonly field: Bound
  readonly value: Bound
}

const orders: readonly Order[] = [
  { low: ['min', 'min'], high: ['max', 'max'], field: 'min', value: 'min' },
  {
    low: ['min', 'min'],
    high: ['defaultRequest', 'default request'],
    field: 'defaultRequest',
    value: 'defaultRequest',
  },
  {
    low: ['defaultRequest', 'default request'],
    high: ['max', 'max'],
    field: 'defaultRequest',
    value: 'defaultRequest',
  },
  {
    low: ['defaultRequest', 'default request'],
    high: ['default', 'default limit'],
    field: 'defaultRequest',
    value: 'defaultRequest',
  },
  { low: ['min', 'min'], high: ['default', 'default'], field: 'default', value: 'min' },
  { low: ['default', 'default'], high: ['max', 'max'], field: 'default', value: 'max' },
]

const types: ReadonlySet<string> = new Set(['Pod', 'Container', 'PersistentVolumeClaim'])

/** What is wrong with a LimitRange that has its defaults (Kubernetes ValidateLimitRange). */
export function validateLimitRange({ spec }: LimitRange): readonly FieldError[] {
  const seen = new Set<string>()
  return (spec?.limits ?? []).flatMap((item, index) => {
    const path = `spec.limits[${index}]`
    const type = item.type ?? ''
    const repeated = seen.has(type)
    seen.add(type)
    return [
      ...checkType(type, `${path}.type`),
      ...(repeated ? [duplicate(`${path}.type`, type)] : []),
      ...checkItem(item, path),
    ]
  })
}

function checkType(type: string, field: string): readonly FieldError[] {
  const problems = checkName(field, type, qualifiedName)
  if (problems.length > 0 || type.includes('/') || types.has(type)) return problems
  return [invalid(field, type, 'must be a standard limit type or fully qualified')]
}

function checkItem(item: LimitRangeItem, path: string): readonly FieldError[] {
  const isPod = item.type === 'Pod'
  const own = isPod ? (['max', 'min'] as const) : bounds
  const lists: Lists = Object.fromEntries(own.map((bound) => [bound, amountsOf(item[bound])]))
  const ratios = amountsOf(item.maxLimitRequestRatio)
  const names = new Set([...Object.values(lists), ratios].flatMap((list) => [...list.keys()]))
  return [
    ...own.flatMap((bound) => checkNames(item, bound, path)),
    ...(isPod ? refuseDefaults(item, path) : []),
    ...(item.type === 'PersistentVolumeClaim' ? requireStorage(lists, path) : []),
    ...checkNames(item, 'maxLimitRequestRatio', path),
    ...[...names]
      .sort()
      .flatMap((name) => [
        ...orders.flatMap((order) => checkOrder(lists, name, order, path)),
        ...checkRatio(lists, name, ratios.get(name), path),
        ...checkOneDefault(lists, name, path),
      ]),
  ]
}

/** By the names of resources, which a client may choose as it likes: `constructor`. */
type Amounts = ReadonlyMap<string, Quantity>
type Lists = Readonly<Partial<Record<Bound, Amounts>>>

function amountsOf(list: ResourceList | undefined): Amounts {
  return new Map(Object.entries(parseList(list)))
}

function checkNames(
  item: LimitRangeItem,
  list: Bound | 'maxLimitRequestRatio',
  path: string,
): readonly FieldError[] {
  const ofContainers = item.type === 'Pod' || item.type === 'Container'
  const check = ofContainers ? checkContainerResource : checkResource
  return Object.keys(item[list] ?? {}).flatMap((name) => check(name, `${path}.${list}[${name}]`))
}

function refuseDefaults(item: LimitRangeItem, path: string): readonly FieldError[] {
  return (['default', 'defaultRequest'] as const).flatMap((bound) =>
    Object.keys(item[bound] ?? {}).length === 0
      ? []
      : [forbidden(`${path}.${bound}`, "may not be specified when `type` is 'Pod'")],
  )
}

function requireStorage({ min, max }: Lists, path: string): readonly FieldError[] {
  if (min?.has('storage') || max?.has('storage')) return []
  const why = 'either minimum or maximum storage value is required, but neither was provided'
  return [required(`${path}.limits`, why)]
}

function checkOrder(
  lists: Lists,
  name: string,
  { low, high, field, value }: Order,
  path: string,
): readonly FieldError[] {
  const [least, most] = [lists[low[0]]?.get(name), lists[high[0]]?.get(name)]
  if (least === undefined || most === undefined || compareQuantity(least, most) <= 0) return []
  const [a, b] = [formatQuantity(least), formatQuantity(most)]
  const detail = `${low[1]} value ${a} is greater than ${high[1]} value ${b}`
  return [invalid(`${path}.${field}[${name}]`, value === low[0] ? a : b, detail)]
}

function checkRatio(
  { min, max }: Lists,
  name: string,
  ratio: Quantity | undefined,
  path: string,
): readonly FieldError[] {
  if (ratio === undefined) return []
  const text = formatQuantity(ratio)
  const refuse = (why: string) =>
    invalid(`${path}.maxLimitRequestRatio[${name}]`, text, `ratio ${text} is ${why}`)
  const [least, most] = [min?.get(name), max?.get(name)]
  const highest =
    least === undefined || most === undefined ? Infinity : milliValue(most) / milliValue(least)
  return [
    ...(milliValue(ratio) < 1000 ? [refuse('less than 1')] : []),
    ...(milliValue(ratio) / 1000 > highest
      ? [refuse(`greater than max/min = ${highest.toFixed(6)}`)]
      : []),
  ]
}

/** Of devices and huge pages nobody gets more than was asked for. */
function checkOneDefault(lists: Lists, name: string, path: string): readonly FieldError[] {
  const [limit, request] = [lists.default?.get(name), lists.defaultRequest?.get(name)]
  if (limit === undefined || request === undefined || compareQuantity(limit, request) === 0) {
    return []
  }
  if (!isExtended(name) && !isHugePages(name)) return []
  const [a, b] = [formatQuantity(limit), formatQuantity(request)]
  const detail = `default value ${a} must equal to defaultRequest value ${b} in ${name}`
  return [invalid(`${path}.defaultRequest[${name}]`, b, detail)]
}
