import type { ResourceList } from '../../../domain/pod.ts'
import { invalid, type FieldError } from '../../../domain/field-error.ts'
import { checkResource } from '../../../domain/resize/validation/resource-names.ts'
import { sameJson } from '../../schema/same-json.ts'
import { checkAmount } from '../check-amount.ts'
import { isStandardQuotaResource } from './quota-resources.ts'
import type { ResourceQuota } from './resource-quota.ts'
import { validateQuotaScopes } from './validate-quota-scopes.ts'

function checkList(list: ResourceList | undefined, path: string): readonly FieldError[] {
  return Object.entries(list ?? {}).flatMap(([name, amount]) => {
    const field = `${path}[${name}]`
    return [...checkQuotaName(name, field), ...checkAmount(name, amount, field)]
  })
}

function checkQuotaName(name: string, field: string): readonly FieldError[] {
  const problems = checkResource(name, field)
  if (name.includes('/') || isStandardQuotaResource(name)) return problems
  return [...problems, invalid(field, name, 'must be a standard resource for quotas')]
}

/** What is wrong with a ResourceQuota (Kubernetes ValidateResourceQuotaSpec). */
export function validateQuota({ spec }: ResourceQuota): readonly FieldError[] {
  return [...checkList(spec?.hard, 'spec.hard'), ...validateQuotaScopes(spec ?? {})]
}

/** What is wrong with a status that is reported. */
export function validateQuotaStatus({ status }: ResourceQuota): readonly FieldError[] {
  return [...checkList(status?.hard, 'status.hard'), ...checkList(status?.used, 'status.used')]
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
