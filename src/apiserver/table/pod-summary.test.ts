import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type {
  Container,
  ContainerState,
  ContainerStatus,
  Pod,
  PodStatus,
} from '../../domain/pod.ts'
import { podSummary } from './pod-summary.ts'

const running: ContainerState = { running: { startedAt: '2026-01-01T00:00:00Z' } }

function ended(exitCode: number, reason?: string, signal?: number): ContainerState {
  return { terminated: { exitCode, ...(reason && { reason }), ...(signal && { signal }) } }
}

function waiting(reason?: string): ContainerState {
  return { waiting: reason ? { reason } : {} }
}

function status(name: string, state: ContainerState, more?: Partial<ContainerStatus>) {
  return { name, state, ready: false, restartCount: 0, image: '', imageID: '', ...more }
}

interface Given {
  readonly containers?: readonly string[]
  readonly init?: readonly Container[]
  readonly status?: PodStatus
  readonly deleted?: boolean
}

function pod({ containers = ['a'], init = [], status = {}, deleted = false }: Given): Pod {
  return {
    metadata: { name: 'p', ...(deleted && { deletionTimestamp: '2026-01-01T00:00:00Z' }) },
    spec: { containers: containers.map((name) => ({ name })), initContainers: init },
    status,
  }
}

const one = { name: 'i1' }
const two = { name: 'i2' }
const sidecar = { name: 's', restartPolicy: 'Always' }
const initialized = { type: 'Initialized', status: 'True' }
const ready = { type: 'Ready', status: 'True' }

const cases: readonly (readonly [string, Given, string, string])[] = [
  ['pending', { status: { phase: 'Pending' } }, '0/1', 'Pending'],
  [
    'being created',
    {
      status: { phase: 'Pending', containerStatuses: [status('a', waiting('ContainerCreating'))] },
    },
    '0/1',
    'ContainerCreating',
  ],
  [
    'running',
    {
      status: { phase: 'Running', containerStatuses: [status('a', running, { ready: true })] },
    },
    '1/1',
    'Running',
  ],
  [
    'crashing',
    {
      status: { phase: 'Running', containerStatuses: [status('a', waiting('CrashLoopBackOff'))] },
    },
    '0/1',
    'CrashLoopBackOff',
  ],
  [
    'killed for memory',
    { status: { phase: 'Running', containerStatuses: [status('a', ended(137, 'OOMKilled'))] } },
    '0/1',
    'OOMKilled',
  ],
  [
    'ended by a signal',
    { status: { phase: 'Failed', containerStatuses: [status('a', ended(0, undefined, 9))] } },
    '0/1',
    'Signal:9',
  ],
  [
    'ended by an exit code',
    { status: { phase: 'Failed', containerStatuses: [status('a', ended(3))] } },
    '0/1',
    'ExitCode:3',
  ],
  [
    'one of two ended, the other ready',
    {
      containers: ['a', 'b'],
      status: {
        phase: 'Running',
        conditions: [ready],
        containerStatuses: [
          status('a', ended(0, 'Completed')),
          status('b', running, { ready: true }),
        ],
      },
    },
    '1/2',
    'Running',
  ],
  [
    'one of two ended, the pod not ready',
    {
      containers: ['a', 'b'],
      status: {
        phase: 'Running',
        containerStatuses: [
          status('a', ended(0, 'Completed')),
          status('b', running, { ready: true }),
        ],
      },
    },
    '1/2',
    'NotReady',
  ],
  [
    'completed',
    { status: { phase: 'Succeeded', containerStatuses: [status('a', ended(0, 'Completed'))] } },
    '0/1',
    'Completed',
  ],
  [
    'first of two init containers',
    {
      init: [one, two],
      status: {
        phase: 'Pending',
        initContainerStatuses: [status('i1', running), status('i2', waiting('PodInitializing'))],
        containerStatuses: [status('a', waiting('PodInitializing'))],
      },
    },
    '0/1',
    'Init:0/2',
  ],
  [
    'second of two init containers',
    {
      init: [one, two],
      status: {
        phase: 'Pending',
        initContainerStatuses: [status('i1', ended(0, 'Completed')), status('i2', waiting())],
      },
    },
    '0/1',
    'Init:1/2',
  ],
  [
    'an init container that fails',
    {
      init: [one],
      status: { phase: 'Pending', initContainerStatuses: [status('i1', ended(1, 'Error'))] },
    },
    '0/1',
    'Init:Error',
  ],
  [
    'an init container that crashes',
    {
      init: [one],
      status: {
        phase: 'Pending',
        initContainerStatuses: [status('i1', waiting('CrashLoopBackOff'))],
      },
    },
    '0/1',
    'Init:CrashLoopBackOff',
  ],
  [
    'an init container that exits badly without a reason',
    {
      init: [one],
      status: { phase: 'Pending', initContainerStatuses: [status('i1', ended(7))] },
    },
    '0/1',
    'Init:ExitCode:7',
  ],
  [
    'after its init containers',
    {
      init: [one],
      status: {
        phase: 'Pending',
        conditions: [initialized],
        initContainerStatuses: [status('i1', ended(0, 'Completed'))],
        containerStatuses: [status('a', waiting('PodInitializing'))],
      },
    },
    '0/1',
    'PodInitializing',
  ],
  [
    'with a sidecar',
    {
      init: [sidecar],
      status: {
        phase: 'Running',
        conditions: [initialized, ready],
        initContainerStatuses: [status('s', running, { started: true, ready: true })],
        containerStatuses: [status('a', running, { ready: true })],
      },
    },
    '2/2',
    'Running',
  ],
  [
    'being deleted',
    {
      deleted: true,
      status: { phase: 'Running', containerStatuses: [status('a', running, { ready: true })] },
    },
    '1/1',
    'Terminating',
  ],
  ['ended and being deleted', { deleted: true, status: { phase: 'Failed' } }, '0/1', 'Failed'],
  [
    'on a lost node',
    { deleted: true, status: { phase: 'Running', reason: 'NodeLost' } },
    '0/1',
    'Unknown',
  ],
  ['evicted', { status: { phase: 'Failed', reason: 'Evicted' } }, '0/1', 'Evicted'],
  [
    'gated',
    {
      status: {
        phase: 'Pending',
        conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }],
      },
    },
    '0/1',
    'SchedulingGated',
  ],
]

describe('a pod in a few words', () => {
  for (const [name, given, count, wanted] of cases) {
    test(`${name}: ${wanted}`, () => {
      const summary = podSummary(pod(given))
      assert.equal(summary.status, wanted)
      assert.equal(`${summary.ready}/${summary.containers}`, count)
    })
  }

  test('restarts are those of containers and sidecars, once it runs', () => {
    const crash = { lastState: ended(1) }
    const at = (finishedAt: string) => ({ lastState: { terminated: { exitCode: 1, finishedAt } } })
    const summary = podSummary(
      pod({
        init: [one, sidecar],
        status: {
          phase: 'Running',
          conditions: [initialized],
          initContainerStatuses: [
            status('i1', ended(0), { restartCount: 5, ...crash }),
            status('s', running, { started: true, restartCount: 2, ...at('2026-01-02T00:00:00Z') }),
          ],
          containerStatuses: [
            status('a', running, { restartCount: 1, ...at('2026-01-01T00:00:00Z') }),
          ],
        },
      }),
    )
    assert.equal(summary.restarts, 3)
    assert.equal(summary.lastRestart, '2026-01-02T00:00:00Z')
  })
})
