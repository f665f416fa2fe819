import { compareQuantity, formatQuantity, parseQuantity } from '../../domain/quantity.ts'
import { invalid, notSupported, type FieldError } from '../../domain/resize/field-error.ts'
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

/** What is wrong with a ResourceQuota. */
export function validateQuota({ spec }: ResourceQuota): readonly FieldError[] {
  return [
    ...Object.entries(spec?.hard ?? {}).flatMap(([name, value]) => {
      const quantity = parseQuantity(value)
      const zero = parseQuantity('0')
      if (quantity === undefined || zero === undefined) return []
      if (compareQuantity(quantity, zero) >= 0) return []
      const detail = 'must be greater than or equal to 0'
      return [invalid(`spec.hard[${name}]`, formatQuantity(quantity), detail)]
    }),
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
