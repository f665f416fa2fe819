import type { Pod } from '../../../domain/pod.ts'
import { qosClassOf } from '../../../domain/resources/qos.ts'
import { isJsonObject, type JsonObject } from '../../schema/json-value.ts'
import { objectAt, objectsAt } from '../../schema/read-json.ts'

export interface ScopeRequirement {
  readonly scopeName: string
  readonly operator: string
  readonly values?: readonly string[]
}

export interface QuotaScopes {
  readonly scopes?: readonly string[]
  readonly scopeSelector?: { readonly matchExpressions?: readonly ScopeRequirement[] }
}

/** Whether a quota with these scopes counts the pod: all of them must hold. */
export function isInScope(pod: Pod, quota: QuotaScopes): boolean {
  const named = (quota.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists' }))
  const selected = quota.scopeSelector?.matchExpressions ?? []
  return [...named, ...selected].every((requirement) => fulfils(pod, requirement))
}

function fulfils(pod: Pod, { scopeName, operator, values }: ScopeRequirement): boolean {
  const spec = pod.spec as Pod['spec'] & { readonly activeDeadlineSeconds?: number }
  switch (scopeName) {
    case 'Terminating':
      return spec.activeDeadlineSeconds !== undefined
    case 'NotTerminating':
      return spec.activeDeadlineSeconds === undefined
    case 'BestEffort':
      return qosClassOf(pod.spec) === 'BestEffort'
    case 'NotBestEffort':
      return qosClassOf(pod.spec) !== 'BestEffort'
    case 'PriorityClass':
      return hasValue(spec.priorityClassName, operator, values ?? [])
    case 'CrossNamespacePodAffinity':
      return looksIntoNamespaces(pod)
    default:
      return false
  }
}

/** Whether the pod's affinity to pods, or its anti-affinity, names other namespaces. */
function looksIntoNamespaces(pod: Pod): boolean {
  const affinity = objectAt(pod.spec as unknown as JsonObject, 'affinity') ?? {}
  return ['podAffinity', 'podAntiAffinity'].some((kind) => {
    const rules = objectAt(affinity, kind) ?? {}
    const required = objectsAt(rules, 'requiredDuringSchedulingIgnoredDuringExecution')
    const preferred = objectsAt(rules, 'preferredDuringSchedulingIgnoredDuringExecution')
    const terms = [...required, ...preferred.map((one) => objectAt(one, 'podAffinityTerm') ?? {})]
    return terms.some((term) => {
      const { namespaces, namespaceSelector } = term
      return (Array.isArray(namespaces) && namespaces.length > 0) || isJsonObject(namespaceSelector)
    })
  })
}

function hasValue(value: string | undefined, operator: string, values: readonly string[]): boolean {
  const given = value !== undefined && value !== ''
  switch (operator) {
    case 'Exists':
      return given
    case 'DoesNotExist':
      return !given
    case 'In':
      return given && values.includes(value)
    case 'NotIn':
      return !given || !values.includes(value)
    default:
      return false
  }
}
