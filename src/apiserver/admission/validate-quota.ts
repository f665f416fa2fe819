import {
  compareQuantity,
  formatQuantity,
  milliValue,
  parseQuantity,
} from '../../domain/quantity.ts'
import { invalid, notSupported, type FieldError } from '../../domain/resize/field-error.ts'
import { checkName, qualifiedName } from './name-rules.ts'
import { sameJson } from '../schema/same-json.ts'
import type { ResourceQuota } from './resource-quota.ts'

const scopes = [
  'BestEffort',
  'CrossNamespacePodAffinity',
  'NotBestEffort',
  'NotTerminating',
  'PriorityClass',
  'Terminating',
]

const objects = [
  'configmaps',
  'persistentvolumeclaims',
  'pods',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'services',
  'services.loadbalancers',
  'services.nodeports',
]
const amounts = ['cpu', 'memory', 'ephemeral-storage']
const standard = new Set([
  ...objects,
  ...amounts.flatMap((name) => [name, `requests.${name}`, `limits.${name}`]),
  'requests.storage',
])

function checkQuotaName(name: string): readonly FieldError[] {
  const field = `spec.hard[${name}]`
  const problems = checkName(field, name, qualifiedName)
  if (problems.length > 0 || name.includes('/') || standard.has(name)) return problems
  if (/^(requests\.)?hugepages-/.test(name)) return []
  return [invalid(field, name, 'must be a standard resource for quotas')]
}

function checkAmount(name: string, value: string): readonly FieldError[] {
  const field = `spec.hard[${name}]`
  const quantity = parseQuantity(value)
  const zero = parseQuantity('0')
  if (quantity === undefined || zero === undefined) return []
  if (compareQuantity(quantity, zero) < 0) {
    return [invalid(field, formatQuantity(quantity), 'must be greater than or equal to 0')]
  }
  if (!objects.includes(name) || milliValue(quantity) % 1000 === 0) return []
  return [invalid(field, formatQuantity(quantity), 'must be an integer')]
}

/** What is wrong with a ResourceQuota. */
export function validateQuota({ spec }: ResourceQuota): readonly FieldError[] {
  return [
    ...Object.entries(spec?.hard ?? {}).flatMap(([name, value]) => [
      ...checkQuotaName(name),
      ...checkAmount(name, value),
    ]),
    ...(spec?.scopes ?? []).flatMap((scope) =>
      scopes.includes(scope) ? [] : [notSupported('spec.scopes', scope, scopes)],
    ),
  ]
}

/** The same for a change; what a quota counts cannot change. */
export function validateQuotaUpdate(
  old: ResourceQuota,
  submitted: ResourceQuota,
): readonly FieldError[] {
  const before = [...(old.spec?.scopes ?? [])].toSorted()
  const after = [...(submitted.spec?.scopes ?? [])].toSorted()
  const same = sameJson(before, after)
  return [
    ...validateQuota(submitted),
    ...(same ? [] : [invalid('spec.scopes', after, 'field is immutable')]),
  ]
}
