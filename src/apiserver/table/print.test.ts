import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { KubeObject } from '../kube-object.ts'
import type { Column } from './column.ts'
import { eventColumns } from './columns/event.ts'
import { nodeColumns } from './columns/node.ts'
import {
  configMapColumns,
  leaseColumns,
  namespaceColumns,
  priorityClassColumns,
  resourceQuotaColumns,
  secretColumns,
  serviceAccountColumns,
} from './columns/plain-kinds.ts'
import { podColumns } from './columns/pod.ts'
import { serviceColumns } from './columns/service.ts'
import { printTable } from './print.ts'

const now = Date.parse('2026-01-01T01:00:00Z')
const metaVersion = 'meta.k8s.io/v1'

function object(fields: object, metadata: object = {}): KubeObject {
  const creationTimestamp = '2026-01-01T00:00:00Z'
  return {
    apiVersion: 'v1',
    kind: 'X',
    metadata: { name: 'x', creationTimestamp, ...metadata },
    ...fields,
  }
}

const node = {
  spec: { unschedulable: true },
  status: {
    conditions: [{ type: 'Ready', status: 'True' }],
    addresses: [{ type: 'InternalIP', address: '10.0.0.1' }],
    nodeInfo: { kubeletVersion: 'v1.36.0', osImage: 'Debian', kernelVersion: '6.1' },
  },
}

const pod = {
  spec: { nodeName: 'n', containers: [{ name: 'a' }], readinessGates: [{ conditionType: 'G' }] },
  status: {
    phase: 'Running',
    podIPs: [{ ip: '10.1.1.1' }],
    containerStatuses: [
      {
        name: 'a',
        ready: true,
        restartCount: 3,
        state: { running: {} },
        lastState: { terminated: { exitCode: 1, finishedAt: '2026-01-01T00:55:00Z' } },
      },
    ],
  },
}

const event = {
  type: 'Normal',
  reason: 'ResizeCompleted',
  message: ' done ',
  involvedObject: { kind: 'Pod', name: 'web', fieldPath: 'spec.containers{a}' },
  source: { component: 'podfit', host: 'n' },
  firstTimestamp: '2026-01-01T00:50:00Z',
  lastTimestamp: '2026-01-01T00:59:00Z',
  count: 2,
}

const service = {
  spec: {
    clusterIPs: ['10.0.0.1'],
    ports: [
      { port: 443, protocol: 'TCP' },
      { port: 80, nodePort: 30_000 },
    ],
    selector: { b: '1', a: '2' },
  },
}

const cases: readonly (readonly [string, readonly Column[], KubeObject, readonly unknown[]])[] = [
  [
    'pod',
    podColumns,
    object(pod),
    ['x', '1/1', 'Running', '3 (5m ago)', '60m', '10.1.1.1', 'n', '<none>', '0/1'],
  ],
  [
    'node',
    nodeColumns,
    object(node, { labels: { 'node-role.kubernetes.io/worker': '' } }),
    [
      'x',
      'Ready,SchedulingDisabled',
      'worker',
      '60m',
      'v1.36.0',
      '10.0.0.1',
      '<none>',
      'Debian',
      '6.1',
      '<unknown>',
    ],
  ],
  [
    'event',
    eventColumns,
    object(event),
    [
      '60s',
      'Normal',
      'ResizeCompleted',
      'pod/web',
      'spec.containers{a}',
      'podfit, n',
      'done',
      '10m',
      2,
      'x',
    ],
  ],
  [
    'event of events.k8s.io in a series',
    eventColumns,
    object({
      note: 'n',
      eventTime: '2026-01-01T00:50:00.000000Z',
      series: { count: 7, lastObservedTime: '2026-01-01T00:59:30.000000Z' },
      regarding: { kind: 'Node' },
      reportingController: 'c',
    }),
    ['30s', '', '', 'node', '', 'c', 'n', '10m', 7, 'x'],
  ],
  ['namespace', namespaceColumns, object({ status: { phase: 'Active' } }), ['x', 'Active', '60m']],
  [
    'config map',
    configMapColumns,
    object({ data: { a: '1' }, binaryData: { b: '' } }),
    ['x', 2, '60m'],
  ],
  ['secret', secretColumns, object({ type: 'Opaque', data: {} }), ['x', 'Opaque', 0, '60m']],
  ['service account', serviceAccountColumns, object({}), ['x', 0, '60m']],
  ['lease', leaseColumns, object({ spec: { holderIdentity: 'me' } }), ['x', 'me', '60m']],
  [
    'service',
    serviceColumns,
    object(service),
    ['x', 'ClusterIP', '10.0.0.1', '<none>', '443/TCP,80:30000/TCP', '60m', 'a=2,b=1'],
  ],
  [
    'priority class',
    priorityClassColumns,
    object({ value: 5, preemptionPolicy: 'Never' }),
    ['x', 5, false, '60m', 'Never'],
  ],
  [
    'resource quota',
    resourceQuotaColumns,
    object({
      status: { hard: { pods: '10', 'limits.cpu': '2', cpu: '1' }, used: { pods: '3' } },
    }),
    ['x', 'cpu: 0/1, pods: 3/10', 'limits.cpu: 0/2', '60m'],
  ],
]

describe('a table', () => {
  for (const [name, columns, given, cells] of cases) {
    test(`of a ${name}`, () => {
      const table = printTable(columns, [given], { now, metaVersion })
      assert.deepEqual(table.rows[0]?.cells, cells)
      assert.equal(table.columnDefinitions?.length, cells.length)
    })

    test(`of a ${name} that holds nothing`, () => {
      const bare = name === 'pod' ? object({ spec: { containers: [] } }) : object({})
      assert.doesNotThrow(() => printTable(columns, [bare], { now, metaVersion }))
    })
  }

  test('of a kind without columns shows name and age', () => {
    const table = printTable(undefined, [object({})], { now, metaVersion })
    assert.deepEqual(
      table.columnDefinitions?.map(({ name, priority }) => [name, priority]),
      [
        ['Name', 0],
        ['Age', 0],
      ],
    )
    assert.deepEqual(table.rows[0]?.cells, ['x', '60m'])
  })

  test('shows wide columns only where there is room', () => {
    const table = printTable(podColumns, [], { now, metaVersion })
    const wide = table.columnDefinitions?.filter(({ priority }) => priority === 1)
    assert.deepEqual(
      wide?.map(({ name }) => name),
      ['IP', 'Node', 'Nominated Node', 'Readiness Gates'],
    )
  })

  test('carries as much of each object as is asked for', () => {
    const given = object({ spec: { a: 1 } })
    const rowWith = (includeObject: 'None' | 'Metadata' | 'Object') =>
      printTable(undefined, [given], { now, metaVersion, includeObject }).rows[0]
    assert.equal(rowWith('None')?.object, undefined)
    assert.deepEqual(rowWith('Metadata')?.object, {
      kind: 'PartialObjectMetadata',
      apiVersion: 'meta.k8s.io/v1',
      metadata: given.metadata,
    })
    assert.equal(rowWith('Object')?.object, given)
  })

  test('leaves the columns out where they are known', () => {
    const table = printTable(undefined, [], {
      now,
      metaVersion,
      withColumns: false,
      metadata: { a: 1 },
    })
    assert.equal(table.columnDefinitions, null)
    assert.deepEqual(table.metadata, { a: 1 })
  })
})
