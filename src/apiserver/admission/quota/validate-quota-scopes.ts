import type { ResourceList } from '../../../domain/pod.ts'
import { invalid, required, type FieldError } from '../../../domain/field-error.ts'
import { isStandardQuotaResource } from './quota-resources.ts'
import type { QuotaScopes, ScopeRequirement } from './quota-scope.ts'

const ofPods = [
  'pods',
  'cpu',
  'memory',
  'limits.cpu',
  'limits.memory',
  'requests.cpu',
  'requests.memory',
]
const ofClaims = ['persistentvolumeclaims', 'requests.storage']

/** Each scope with what can be counted in it, and whether it only exists or has values, too. */
const scopes: ReadonlyMap<
  string,
  { readonly counts: readonly string[]; readonly hasValues?: true }
> = new Map([
  ['BestEffort', { counts: ['pods'] }],
  ['CrossNamespacePodAffinity', { counts: ofPods }],
  ['NotBestEffort', { counts: ofPods }],
  ['NotTerminating', { counts: ofPods }],
  ['PriorityClass', { counts: ofPods, hasValues: true }],
  ['Terminating', { counts: ofPods }],
  ['VolumeAttributesClass', { counts: ofClaims, hasValues: true }],
])

const opposites = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
] as const

type Scoped = QuotaScopes & { readonly hard?: ResourceList }

/**
 * What is wrong with the scopes of a ResourceQuota.
 *
 * @see Kubernetes validation.go, validateResourceQuotaScopes, validateScopedResourceSelectorRequirement
 */
export function validateQuotaScopes(spec: Scoped): readonly FieldError[] {
  const { scopes: named = [], scopeSelector } = spec
  const expressions = scopeSelector?.matchExpressions ?? []
  const path = 'spec.scopeSelector.matchExpressions'
  return [
    ...named.flatMap((scope) => [
      ...(scopes.has(scope) ? [] : [invalid('spec.scopes', named, 'unsupported scope')]),
      ...uncounted(spec, scope).map((why) => invalid('spec.scopes', named, why)),
    ]),
    ...conflicts(named).map((why) => invalid('spec.scopes', named, why)),
    ...expressions.flatMap((one) => [
      ...(scopes.has(one.scopeName)
        ? []
        : [invalid(`${path}.scopeName`, one.scopeName, 'unsupported scope')]),
      ...uncounted(spec, one.scopeName).map((why) => invalid(path, scopeSelector, why)),
      ...checkOperator(one, path),
    ]),
    ...conflicts(expressions.map(({ scopeName }) => scopeName)).map((why) =>
      invalid(path, named, why),
    ),
  ]
}

/** One text for each resource that is not counted in this scope. */
function uncounted({ hard = {} }: Scoped, scope: string): readonly string[] {
  const counts = scopes.get(scope)?.counts
  if (counts === undefined) return []
  return Object.keys(hard)
    .filter((name) => isStandardQuotaResource(name) && !counts.includes(name))
    .map(() => 'unsupported scope applied to resource')
}

function conflicts(named: readonly string[]): readonly string[] {
  return opposites
    .filter((pair) => pair.every((scope) => named.includes(scope)))
    .map(() => 'conflicting scopes')
}

const onlyExists =
  "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"

function checkOperator(
  { scopeName, operator, values = [] }: ScopeRequirement,
  path: string,
): readonly FieldError[] {
  const scope = scopes.get(scopeName)
  const mustExist = scope !== undefined && !scope.hasValues && operator !== 'Exists'
  return [
    ...(mustExist ? [invalid(`${path}.operator`, operator, onlyExists)] : []),
    ...checkValues(operator, values, path),
  ]
}

function checkValues(
  operator: string,
  values: readonly string[],
  path: string,
): readonly FieldError[] {
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (values.length > 0) return []
      return [
        required(
          `${path}.values`,
          "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
        ),
      ]
    case 'Exists':
    case 'DoesNotExist':
      if (values.length === 0) return []
      return [
        invalid(
          `${path}.values`,
          values,
          "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector",
        ),
      ]
    default:
      return [invalid(`${path}.operator`, operator, 'not a valid selector operator')]
  }
}
