import {
  compareQuantity,
  formatQuantity,
  milliValue,
  parseQuantity,
} from '../../domain/quantity.ts'
import { invalid, type FieldError } from '../../domain/resize/field-error.ts'
import { checkResource, isExtended } from '../../domain/resize/resource-names.ts'
import { sameJson } from '../schema/same-json.ts'
import { isStandardQuotaResource, isCountedInQuotas } from './quota-resources.ts'
import type { ResourceQuota } from './resource-quota.ts'
import { validateQuotaScopes } from './validate-quota-scopes.ts'

function checkQuotaName(name: string): readonly FieldError[] {
  const field = `spec.hard[${name}]`
  const problems = checkResource(name, field)
  if (name.includes('/') || isStandardQuotaResource(name)) return problems
  return [...problems, invalid(field, name, 'must be a standard resource for quotas')]
}

function checkAmount(name: string, value: string): readonly FieldError[] {
  const field = `spec.hard[${name}]`
  const quantity = parseQuantity(value)
  const zero = parseQuantity('0')
  if (quantity === undefined || zero === undefined) return []
  const whole = isCountedInQuotas(name) || (isExtended(name) && !name.startsWith('requests.'))
  return [
    ...(compareQuantity(quantity, zero) < 0
      ? [invalid(field, formatQuantity(quantity), 'must be greater than or equal to 0')]
      : []),
    ...(whole && milliValue(quantity) % 1000 !== 0
      ? [invalid(field, formatQuantity(quantity), 'must be an integer')]
      : []),
  ]
}

/** What is wrong with a ResourceQuota (Kubernetes ValidateResourceQuotaSpec). */
export function validateQuota({ spec }: ResourceQuota): readonly FieldError[] {
  return [
    ...Object.entries(spec?.hard ?? {}).flatMap(([name, value]) => [
      ...checkQuotaName(name),
      ...checkAmount(name, value),
    ]),
    ...validateQuotaScopes(spec ?? {}),
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
