import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { formatFieldError } from '../../../domain/field-error.ts'
import type { ResourceQuota } from './resource-quota.ts'
import { validateQuota, validateQuotaUpdate } from './validate-quota.ts'

type Spec = NonNullable<ResourceQuota['spec']>

function errorsOf(spec: Spec): readonly string[] {
  return validateQuota({ metadata: { name: 'q' }, spec }).map(formatFieldError)
}

function selecting(scopeName: string, operator: string, values?: readonly string[]): Spec {
  const one = { scopeName, operator, ...(values && { values }) }
  return { hard: { pods: '1' }, scopeSelector: { matchExpressions: [one] } }
}

const expressions = 'spec.scopeSelector.matchExpressions'
const notCounted = 'unsupported scope applied to resource'

const refused: readonly (readonly [string, Spec, readonly string[]])[] = [
  [
    'a resource that Kubernetes does not have',
    { hard: { foo: '1' } },
    [
      'spec.hard[foo]: Invalid value: "foo": must be a standard resource type or fully qualified',
      'spec.hard[foo]: Invalid value: "foo": must be a standard resource for quotas',
    ],
  ],
  [
    'one that only volumes have',
    { hard: { storage: '1Gi' } },
    ['spec.hard[storage]: Invalid value: "storage": must be a standard resource for quotas'],
  ],
  [
    'less than nothing and parts of objects',
    { hard: { pods: '-500m', 'count/leases.coordination.k8s.io': '1500m' } },
    [
      'spec.hard[pods]: Invalid value: "-500m": must be greater than or equal to 0',
      'spec.hard[pods]: Invalid value: "-500m": must be an integer',
      'spec.hard[count/leases.coordination.k8s.io]: Invalid value: "1500m": must be an integer',
    ],
  ],
  [
    'a scope that there is not',
    { scopes: ['constructor'] },
    ['spec.scopes: Invalid value: ["constructor"]: unsupported scope'],
  ],
  [
    'what its scope does not count',
    { hard: { cpu: '1', pods: '1', services: '1', 'a.b/c': '1' }, scopes: ['BestEffort'] },
    [
      `spec.scopes: Invalid value: ["BestEffort"]: ${notCounted}`,
      `spec.scopes: Invalid value: ["BestEffort"]: ${notCounted}`,
    ],
  ],
  [
    'scopes that nothing is in',
    { hard: { pods: '1' }, scopes: ['Terminating', 'NotTerminating'] },
    ['spec.scopes: Invalid value: ["Terminating","NotTerminating"]: conflicting scopes'],
  ],
  [
    'values for a scope that has none',
    selecting('BestEffort', 'In', ['x']),
    [
      `${expressions}.operator: Invalid value: "In": must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity`,
    ],
  ],
  [
    'no values where there must be some',
    selecting('PriorityClass', 'In'),
    [
      `${expressions}.values: Required value: must be at least one value when \`operator\` is 'In' or 'NotIn' for scope selector`,
    ],
  ],
  [
    'values where there must be none',
    selecting('PriorityClass', 'Exists', ['x']),
    [
      `${expressions}.values: Invalid value: ["x"]: must be no value when \`operator\` is 'Exist' or 'DoesNotExist' for scope selector`,
    ],
  ],
  [
    'an operator that there is not',
    selecting('PriorityClass', 'Near'),
    [`${expressions}.operator: Invalid value: "Near": not a valid selector operator`],
  ],
  [
    'a scope to select that there is not',
    selecting('Foo', 'Exists'),
    [`${expressions}.scopeName: Invalid value: "Foo": unsupported scope`],
  ],
]

describe('a quota is refused for', () => {
  for (const [name, spec, errors] of refused) {
    test(name, () => assert.deepEqual(errorsOf(spec), errors))
  }

  test('other scopes than it had', () => {
    const quota = (scopes: readonly string[]) => ({ metadata: { name: 'q' }, spec: { scopes } })
    const errors = (from: readonly string[], to: readonly string[]) =>
      validateQuotaUpdate(quota(from), quota(to)).map(formatFieldError)
    assert.deepEqual(errors(['Terminating', 'BestEffort'], ['BestEffort', 'Terminating']), [])
    assert.deepEqual(errors(['Terminating'], ['NotTerminating']), [
      'spec.scopes: Invalid value: ["NotTerminating"]: field is immutable',
    ])
  })
})

test('a quota may count what Kubernetes can count', () => {
  const hard = {
    cpu: '1500m',
    'requests.hugepages-2Mi': '4Mi',
    'requests.example.com/gpu': '1500m',
    'count/deployments.apps': '2',
    'gold.storageclass.storage.k8s.io/requests.storage': '1Gi',
  }
  assert.deepEqual(errorsOf({ hard }), [])
  assert.deepEqual(errorsOf(selecting('PriorityClass', 'In', ['high'])), [])
  assert.deepEqual(errorsOf({ hard: { pods: '1' }, scopes: ['BestEffort', 'Terminating'] }), [])
})
