import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '../../domain/pod.ts'
import type { LabelSelector } from '../../domain/pod/placement.ts'
import { isOf, parseWorkload, podTargets } from './workload-target.ts'

const { signal } = new AbortController()

test('parseWorkload() knows the kinds that have pods, as kubectl writes them', () => {
  for (const [text, kind] of [
    ['deploy/a', 'Deployment'],
    ['StatefulSet/a', 'StatefulSet'],
    ['ds/a', 'DaemonSet'],
    ['rs/a', 'ReplicaSet'],
    ['job/a', 'Job'],
    ['pod/a', undefined],
    ['deploy', undefined],
    ['deploy/', undefined],
    ['deploy/a/b', undefined],
  ] as const)
    assert.equal(parseWorkload(text)?.resource.kind, kind, text)
})

test('podTargets() writes the selector of a workload as -l has it', async () => {
  const selector: LabelSelector = {
    matchLabels: { app: 'shop', tier: 'web' },
    matchExpressions: [
      { key: 'track', operator: 'In', values: ['a', 'b'] },
      { key: 'old', operator: 'NotIn', values: ['yes'] },
      { key: 'owner', operator: 'Exists' },
      { key: 'gone', operator: 'DoesNotExist' },
    ],
  }
  const client = { get: () => Promise.resolve({ metadata: { name: 'shop' }, spec: { selector } }) }
  const cluster = { client, namespace: 'default' } as never
  const asked = parseWorkload('deploy/shop')
  assert.ok(asked)
  const labelSelector = 'app=shop,tier=web,track in (a,b),old notin (yes),owner,!gone'
  const selected = { kind: 'selected', labelSelector, allNamespaces: false, ownedBy: asked }
  assert.deepEqual(await podTargets(cluster, asked, 'verify', signal), selected)
})

test('isOf() leaves out pods that have the labels of the selector and another owner', () => {
  const pod = (kind: string, name: string, labels = {}): Pod => ({
    metadata: { name: 'p', labels, ownerReferences: [{ kind, name, controller: true }] },
    spec: { containers: [] },
  })
  const hash = { 'pod-template-hash': '5d4f' }
  for (const [text, one, expected] of [
    ['deploy/shop', pod('ReplicaSet', 'shop-5d4f', hash), true],
    ['deploy/shop', pod('ReplicaSet', 'shop-canary-5d4f', hash), false],
    ['deploy/shop', pod('Job', 'shop'), false],
    ['deploy/shop', { metadata: { name: 'p' }, spec: { containers: [] } }, false],
    ['sts/shop', pod('StatefulSet', 'shop'), true],
    ['sts/shop', pod('DaemonSet', 'shop'), false],
  ] as const)
    assert.equal(isOf(one, parseWorkload(text)), expected, `${text} ${JSON.stringify(one)}`)
  assert.equal(isOf(pod('Job', 'a'), undefined), true)
})
