import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { KubeObject } from '../kube-object.ts'
import { kindsOf } from './all-kinds.ts'

const about = {
  kind: 'Pod',
  namespace: 'ns',
  name: 'web',
  uid: 'u',
  apiVersion: 'v1',
  resourceVersion: '7',
  fieldPath: 'spec',
}

function aboutBy(prefix: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(about).map(([field, value]) => [`${prefix}.${field}`, value]),
  )
}

/** What objects of a kind can be selected by besides name and namespace, and what it finds in one. */
const kinds: readonly (readonly [string, object, Readonly<Record<string, string>>])[] = [
  [
    'pods',
    {
      spec: {
        nodeName: 'n',
        restartPolicy: 'Never',
        schedulerName: 's',
        serviceAccountName: 'a',
        hostNetwork: true,
      },
      status: {
        phase: 'Running',
        podIP: '10.0.0.1',
        podIPs: [{ ip: '10.0.0.1' }],
        nominatedNodeName: 'm',
      },
    },
    {
      'spec.nodeName': 'n',
      'spec.host': 'n',
      'spec.restartPolicy': 'Never',
      'spec.schedulerName': 's',
      'spec.serviceAccountName': 'a',
      'spec.hostNetwork': 'true',
      'status.phase': 'Running',
      'status.podIP': '10.0.0.1',
      'status.podIPs': '10.0.0.1',
      'status.nominatedNodeName': 'm',
    },
  ],
  ['nodes', { spec: { unschedulable: true } }, { 'spec.unschedulable': 'true' }],
  ['namespaces', { status: { phase: 'Active' } }, { 'status.phase': 'Active' }],
  ['secrets', { type: 'Opaque' }, { type: 'Opaque' }],
  [
    'services',
    { spec: { clusterIP: '10.0.0.1', type: 'NodePort' } },
    { 'spec.clusterIP': '10.0.0.1', 'spec.type': 'NodePort' },
  ],
  [
    'events',
    {
      involvedObject: about,
      reason: 'R',
      reportingComponent: 'c',
      source: { component: 's' },
      type: 'Normal',
    },
    {
      ...aboutBy('involvedObject'),
      reason: 'R',
      reportingComponent: 'c',
      source: 's',
      type: 'Normal',
    },
  ],
]

describe('the fields to select by', () => {
  const served = kindsOf('1.36').filter(({ group }) => group === '')

  for (const [plural, content, wanted] of kinds) {
    test(`of ${plural} are those of Kubernetes`, () => {
      const kind = served.find((one) => one.plural === plural)
      const object = { kind: '', apiVersion: '', metadata: { name: 'x' }, ...content } as KubeObject
      const found = Object.entries(kind?.selectable ?? {}).map(([field, read]) => [
        field,
        read(object),
      ])
      assert.deepEqual(Object.fromEntries(found), wanted)
    })
  }

  test('of the others are name and namespace only', () => {
    const named = new Set(kinds.map(([plural]) => plural))
    const others = served.filter(({ plural, selectable }) => selectable && !named.has(plural))
    assert.deepEqual(others, [])
  })

  test('say what is so where an object says nothing', () => {
    const bare = { kind: '', apiVersion: '', metadata: { name: 'x' }, spec: {} }
    const read = (plural: string, field: string) =>
      served.find((one) => one.plural === plural)?.selectable?.[field]?.(bare)
    assert.equal(read('pods', 'spec.hostNetwork'), 'false')
    assert.equal(read('nodes', 'spec.unschedulable'), 'false')
  })
})
