import type { Pod, ResourceList } from '../../../domain/pod.ts'
import {
  addQuantity,
  compareQuantity,
  formatQuantity,
  parseQuantity,
  subtractQuantity,
  type Quantity,
} from '../../../domain/quantity/quantity.ts'
import { parseList, type QuantityList } from '../../../domain/quantity/quantity-list.ts'
import { isInScope, type QuotaScopes } from './quota-scope.ts'
import { podUsage, sumUsage, unsetResources } from './quota-usage.ts'

export interface ResourceQuota {
  readonly metadata: { readonly name: string }
  readonly spec?: QuotaScopes & { readonly hard?: ResourceList }
  readonly status?: { readonly hard?: ResourceList; readonly used?: ResourceList }
}

export type QuotaDecision =
  /** `used`: the new status.used of the quotas that change, by name. */
  | { readonly kind: 'allowed'; readonly used: ReadonlyMap<string, ResourceList> }
  /** `message`: what stands after `pods "x" is forbidden: `. */
  | { readonly kind: 'forbidden'; readonly message: string }

const zero = parseQuantity('0') as Quantity

/**
 * Whether the namespace's quotas allow `pod` to be created, or `old` to become `pod` by an
 * update or a resize. Only what increases is charged, but all of a pod that comes into a
 * quota's scope.
 *
 * @param now milliseconds since 1970
 */
export function checkPodQuota(
  pod: Pod,
  old: Pod | undefined,
  quotas: readonly ResourceQuota[],
  now: number,
): QuotaDecision {
  const matching = quotas.filter((quota) => isInScope(pod, quota.spec ?? {}))
  for (const { metadata, status, spec } of matching) {
    const bounded = Object.keys(status?.hard ?? spec?.hard ?? {})
    const unset = unsetResources(pod.spec, bounded)
    if (unset !== undefined) {
      return { kind: 'forbidden', message: `failed quota: ${metadata.name}: ${unset}` }
    }
  }
  const counted = (quota: ResourceQuota) => old !== undefined && isInScope(old, quota.spec ?? {})
  const usage = podUsage(pod, now)
  const more = increase(usage, old === undefined ? {} : podUsage(old, now))
  const entered = chargeQuotas(
    usage,
    matching.filter((quota) => !counted(quota)),
  )
  const stayed = chargeQuotas(more, matching.filter(counted))
  if (entered.kind === 'forbidden') return entered
  if (stayed.kind === 'forbidden') return stayed
  return { kind: 'allowed', used: new Map([...entered.used, ...stayed.used]) }
}

/** How much more `now` is than `before`, of what is more. */
export function increase(now: QuantityList, before: QuantityList): QuantityList {
  return Object.fromEntries(
    Object.entries(now)
      .map(([name, quantity]) => [name, subtractQuantity(quantity, before[name] ?? zero)] as const)
      .filter(([, quantity]) => compareQuantity(quantity, zero) > 0),
  )
}

/** Whether `quotas`, all of them, have room for `usage` more. */
export function chargeQuotas(usage: QuantityList, quotas: readonly ResourceQuota[]): QuotaDecision {
  const used = new Map<string, ResourceList>()
  for (const quota of quotas) {
    const hard = parseList(quota.status?.hard ?? quota.spec?.hard)
    const before = parseList(quota.status?.used)
    const charged = Object.entries(usage).filter(([name]) => hard[name] !== undefined)
    if (charged.length === 0) continue
    const after = { ...before }
    for (const [name, quantity] of charged) {
      after[name] = addQuantity(before[name] ?? zero, quantity)
    }
    const exceeded = charged.filter(
      ([name]) => compareQuantity(after[name] ?? zero, hard[name] ?? zero) > 0,
    )
    if (exceeded.length > 0) {
      const names = exceeded.map(([name]) => name)
      return { kind: 'forbidden', message: exceededText(quota, names, usage, before, hard) }
    }
    used.set(quota.metadata.name, printed(after))
  }
  return { kind: 'allowed', used }
}

/** `exceeded quota: q, requested: requests.cpu=1, used: requests.cpu=3, limited: requests.cpu=3` */
function exceededText(
  quota: ResourceQuota,
  names: readonly string[],
  requested: QuantityList,
  used: QuantityList,
  hard: QuantityList,
): string {
  const list = (quantities: QuantityList) =>
    names
      .toSorted()
      .map((name) => `${name}=${formatQuantity(quantities[name] ?? zero)}`)
      .join(',')
  return `exceeded quota: ${quota.metadata.name}, requested: ${list(requested)}, used: ${list(used)}, limited: ${list(hard)}`
}

function printed(list: QuantityList): ResourceList {
  return Object.fromEntries(
    Object.entries(list).map(([name, quantity]) => [name, formatQuantity(quantity)]),
  )
}

/**
 * status.used of a quota: what the namespace's `pods` and `others` (see objectUsage) use up
 * of each thing it bounds.
 */
export function quotaUsed(
  quota: ResourceQuota,
  pods: readonly Pod[],
  now: number,
  others: readonly QuantityList[] = [],
): ResourceList {
  const counted = pods
    .filter((pod) => isInScope(pod, quota.spec ?? {}))
    .map((pod) => podUsage(pod, now))
  const total = sumUsage([...counted, ...others])
  // A quota from before names were validated may have one that every object inherits.
  const used = (name: string) => (Object.hasOwn(total, name) ? total[name] : undefined) ?? zero
  const bounded = Object.keys(quota.spec?.hard ?? {})
  return printed(Object.fromEntries(bounded.map((name) => [name, used(name)])))
}
