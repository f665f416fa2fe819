import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Pod, ResourceList, ResourceRequirements } from '../../../domain/pod.ts'
import { objectUsage } from './quota-usage.ts'
import { chargeQuotas, checkPodQuota, quotaUsed, type ResourceQuota } from './resource-quota.ts'

function quota(hard: ResourceList, used: ResourceList = {}, spec: object = {}): ResourceQuota {
  return { metadata: { name: 'q' }, spec: { ...spec, hard }, status: { hard, used } }
}

function pod(resources: ResourceRequirements, actual?: ResourceRequirements): Pod {
  const status = { name: 'a', ready: true, restartCount: 0, image: '', imageID: '' }
  return {
    metadata: { name: 'web' },
    spec: { containers: [{ name: 'a', resources }] },
    ...(actual && { status: { containerStatuses: [{ ...status, resources: actual }] } }),
  }
}

function message(submitted: Pod, old: Pod | undefined, given: ResourceQuota): string | undefined {
  const decision = checkPodQuota(submitted, old, [given], 0)
  return decision.kind === 'forbidden' ? decision.message : undefined
}

const crossNamespace = { scopes: ['CrossNamespacePodAffinity'] }

/** A pod that wants to be beside others, or away from them. */
function beside(kind: 'podAffinity' | 'podAntiAffinity', term: object): Pod {
  const { metadata, spec } = pod({})
  const weighted = { weight: 1, podAffinityTerm: term }
  const terms =
    kind === 'podAffinity'
      ? { requiredDuringSchedulingIgnoredDuringExecution: [term] }
      : { preferredDuringSchedulingIgnoredDuringExecution: [weighted] }
  return { metadata, spec: { ...spec, affinity: { [kind]: terms } } }
}

const cpu = (amount: string) => ({ requests: { cpu: amount } })

describe('a quota (7.2)', () => {
  test('refuses a pod that is too much, in the words of Kubernetes', () => {
    const given = quota({ 'requests.cpu': '3', pods: '10' }, { 'requests.cpu': '3', pods: '1' })
    assert.equal(
      message(pod(cpu('1')), undefined, given),
      'exceeded quota: q, requested: requests.cpu=1, used: requests.cpu=3, limited: requests.cpu=3',
    )
  })

  test('names all that is exceeded, sorted', () => {
    const given = quota({ pods: '1', cpu: '1' }, { pods: '1', cpu: '500m' })
    assert.equal(
      message(pod(cpu('1')), undefined, given),
      'exceeded quota: q, requested: cpu=1,pods=1, used: cpu=500m,pods=1, limited: cpu=1,pods=1',
    )
  })

  test('charges a resize with its increase', () => {
    const given = quota({ 'requests.cpu': '3' }, { 'requests.cpu': '2' })
    const old = pod(cpu('1'))
    const decision = checkPodQuota(pod(cpu('2')), old, [given], 0)
    assert.deepEqual(decision, {
      kind: 'allowed',
      used: new Map([['q', { 'requests.cpu': '3' }]]),
    })
    assert.equal(
      message(pod(cpu('2500m')), old, given),
      'exceeded quota: q, requested: requests.cpu=1500m, used: requests.cpu=2, limited: requests.cpu=3',
    )
  })

  test('charges all of a pod that comes into its scope', () => {
    const given = quota(
      { 'requests.cpu': '3' },
      { 'requests.cpu': '2' },
      { scopes: ['Terminating'] },
    )
    const old = pod(cpu('2'))
    const limited = { ...old, spec: { ...old.spec, activeDeadlineSeconds: 60 } }
    assert.equal(
      message(limited, old, given),
      'exceeded quota: q, requested: requests.cpu=2, used: requests.cpu=2, limited: requests.cpu=3',
    )
    assert.equal(message(old, limited, given), undefined)
    assert.equal(message(limited, limited, given), undefined)
  })

  test('never refuses a decrease, even over the bound', () => {
    const given = quota({ 'requests.cpu': '1' }, { 'requests.cpu': '2' })
    assert.equal(message(pod(cpu('1')), pod(cpu('2')), given), undefined)
  })

  test('gives back only what a shrinking pod has given back', () => {
    const given = quota({ 'requests.cpu': '4' })
    const shrinking = pod(cpu('1'), { requests: { cpu: '3' } })
    assert.deepEqual(quotaUsed(given, [shrinking], 0), { 'requests.cpu': '3' })
    // Growing back to what it still has costs nothing.
    const full = quota({ 'requests.cpu': '3' }, { 'requests.cpu': '3' })
    const back = pod(cpu('3'), { requests: { cpu: '3' } })
    assert.equal(message(back, shrinking, full), undefined)
  })

  test('wants what it bounds to be set', () => {
    const given = quota({ 'limits.memory': '1Gi', cpu: '1' })
    const two: Pod = {
      metadata: { name: 'web' },
      spec: { containers: [{ name: 'b' }, { name: 'a', resources: cpu('1') }] },
    }
    assert.equal(
      message(two, undefined, given),
      'failed quota: q: must specify cpu for: b; limits.memory for: a,b',
    )
  })

  test('is content with pod-level resources, whichever they are', () => {
    const given = quota({ 'limits.memory': '1Gi', 'requests.cpu': '1' })
    const { metadata, spec } = pod({})
    for (const resources of [{ limits: { memory: '1Gi' } }, { requests: { cpu: '1' } }]) {
      const levelled = { metadata, spec: { ...spec, resources } }
      assert.equal(message(levelled, undefined, given), undefined)
    }
    const empty = { metadata, spec: { ...spec, resources: {} } }
    assert.match(message(empty, undefined, given) ?? '', /must specify limits.memory for: a/)
  })

  test('does not count pods that have ended, but as objects', () => {
    const ended = { ...pod(cpu('1')), status: { phase: 'Succeeded' } }
    const used = quotaUsed(quota({ cpu: '9', pods: '9', 'count/pods': '9' }), [ended], 0)
    assert.deepEqual(used, { cpu: '0', pods: '0', 'count/pods': '1' })
  })

  test('does not count pods that should be gone', () => {
    const [deletionTimestamp, deletionGracePeriodSeconds] = ['1970-01-01T00:01:00Z', 30]
    const metadata = { name: 'late', deletionTimestamp, deletionGracePeriodSeconds }
    const given = quota({ cpu: '9' })
    const late = { ...pod(cpu('1')), metadata }
    assert.deepEqual(quotaUsed(given, [late], 90_000), { cpu: '1' })
    assert.deepEqual(quotaUsed(given, [late], 90_001), { cpu: '0' })
  })

  test('counts nothing of names that JavaScript has a meaning for', () => {
    assert.deepEqual(quotaUsed(quota({ toString: '1', constructor: '1' }), [], 0), {
      toString: '0',
      constructor: '0',
    })
  })

  test('counts other objects', () => {
    const given = quota({ configmaps: '1', 'count/leases.coordination.k8s.io': '0' })
    const decision = chargeQuotas(objectUsage('configmaps', {}), [given])
    assert.deepEqual(decision, { kind: 'allowed', used: new Map([['q', { configmaps: '1' }]]) })
    assert.deepEqual(chargeQuotas(objectUsage('leases.coordination.k8s.io', {}), [given]), {
      kind: 'forbidden',
      message:
        'exceeded quota: q, requested: count/leases.coordination.k8s.io=1, used: count/leases.coordination.k8s.io=0, limited: count/leases.coordination.k8s.io=0',
    })
  })

  const scopes: readonly (readonly [object, Pod, boolean])[] = [
    [{ scopes: ['BestEffort'] }, pod({}), true],
    [{ scopes: ['BestEffort'] }, pod(cpu('1')), false],
    [{ scopes: ['NotBestEffort', 'NotTerminating'] }, pod(cpu('1')), true],
    [{ scopes: ['Terminating'] }, pod({}), false],
    [
      {
        scopeSelector: {
          matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['high'] }],
        },
      },
      { metadata: { name: 'x' }, spec: { containers: [], priorityClassName: 'high' } },
      true,
    ],
    [
      { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'Exists' }] } },
      pod({}),
      false,
    ],
    [crossNamespace, pod({}), false],
    [crossNamespace, beside('podAffinity', { topologyKey: 'zone' }), false],
    [crossNamespace, beside('podAffinity', { namespaces: ['other'] }), true],
    [crossNamespace, beside('podAntiAffinity', { namespaceSelector: {} }), true],
  ]
  for (const [spec, given, counts] of scopes) {
    test(`with ${JSON.stringify(spec)} counts ${JSON.stringify(given.spec)}: ${counts}`, () => {
      const used = quotaUsed(quota({ pods: '9' }, {}, spec), [given], 0)
      assert.deepEqual(used, { pods: counts ? '1' : '0' })
    })
  }
})
