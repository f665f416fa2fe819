import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { test } from 'node:test'
import type { NodeSelectorTerm, Pod, Toleration } from '../domain/pod.ts'
import { defaultVersion, type KubeVersion } from '../domain/kube-version.ts'
import type { NodeRoom } from './node-room.ts'
import { Scheduler } from './scheduler.ts'

const node: NodeRoom = {
  name: 'n1',
  allocatable: { cpu: '1', memory: '1Gi', pods: '3' },
  labels: { disk: 'ssd' },
  taints: [],
  unschedulable: false,
}

function pod(name: string, cpu: string, part: Partial<Pod['spec']> = {}, createdAt = '1'): Pod {
  return {
    metadata: { name, namespace: 'default', uid: name, creationTimestamp: createdAt },
    spec: { containers: [{ name: 'c', resources: { requests: { cpu } } }], ...part },
  }
}

/** Runs the scheduler once over `pods` and tells what it asked of the API. */
async function schedule(
  pods: Pod[],
  nodes = [node],
  version?: KubeVersion,
): Promise<readonly string[]> {
  const asked: string[] = []
  await passOf(schedulerOf(asked, pods, nodes, version))
  return asked
}

function schedulerOf(
  asked: string[],
  pods: readonly Pod[],
  nodes: readonly NodeRoom[],
  version: KubeVersion = defaultVersion,
  onError = (_: Pod, error: unknown): void => assert.fail(error as Error),
): Scheduler {
  return new Scheduler({
    version,
    api: {
      create: async (path) => void asked.push(`bind ${path.split('/')[6]}`),
      patch: async (path, _, patch) => {
        const { status } = patch as { status: { conditions: [{ message: string }] } }
        asked.push(`${path.split('/')[6]}: ${status.conditions[0].message}`)
      },
    },
    nodes: () => nodes,
    pods: () => pods,
    event: () => {},
    onError,
  })
}

async function passOf(scheduler: Scheduler): Promise<void> {
  scheduler.changed()
  await turn()
  await turn()
}

test('a pod that fits is bound', async () => {
  assert.deepEqual(await schedule([pod('a', '1')]), ['bind a'])
})

const noVictims = 'No preemption victims found for incoming pod'
const noHelp = 'Preemption is not helpful for scheduling'

/** What 1.36 says of a cluster of one node. */
function oneNode(reasons: string, preemption: string): string {
  return `0/1 nodes are available: ${reasons}. no new claims to deallocate, preemption: 0/1 nodes are available: 1 ${preemption}.`
}

test('what could not be said is said with the next pass', async () => {
  const said: string[] = []
  let away = true
  const scheduler = new Scheduler({
    api: {
      create: async () => {},
      patch: async (path) => {
        if (away) throw new Error('the API is away')
        said.push(path.split('/')[6] ?? '')
      },
    },
    nodes: () => [],
    pods: () => [pod('a', '1')],
    event: () => {},
    onError: () => (away = false),
  })
  for (let pass = 0; pass < 3; pass += 1) await passOf(scheduler)
  assert.deepEqual(said, ['a'])
})

test('pods bound in one pass take room from each other', async () => {
  assert.deepEqual(await schedule([pod('a', '600m'), pod('b', '600m')]), [
    'bind a',
    `b: ${oneNode('1 Insufficient cpu', noVictims)}`,
  ])
})

test('higher priority goes first, then age', async () => {
  const pods = [
    pod('young', '400m', {}, '3'),
    pod('old', '400m', {}, '1'),
    pod('vip', '400m', { priority: 10 }, '9'),
  ]
  assert.deepEqual(await schedule(pods), [
    'bind vip',
    'bind old',
    `young: ${oneNode('1 Insufficient cpu', noVictims)}`,
  ])
})

test('a pod that cannot be understood is told of, and keeps nobody else from a node', async () => {
  const asked: string[] = []
  const failed: string[] = []
  const odd = pod('odd', '1', { containers: [undefined as never] }, '1')
  const pods = [odd, pod('a', '1', {}, '2')]
  const onError = ({ metadata }: Pod): void => void failed.push(metadata.name)
  await passOf(schedulerOf(asked, pods, [node], defaultVersion, onError))
  assert.deepEqual([asked, failed], [['bind a'], ['odd']])
})

test('every reason of every node is told', async () => {
  const cordoned = { ...node, name: 'n2', unschedulable: true }
  const small = { ...node, name: 'n3', allocatable: { ...node.allocatable, memory: '1Mi' } }
  const requests = { cpu: '2', memory: '2Mi' }
  const big = pod('big', '2', { containers: [{ name: 'c', resources: { requests } }] })
  assert.deepEqual(await schedule([big], [node, cordoned, small]), [
    `big: 0/3 nodes are available: 1 Insufficient memory, 1 node(s) were unschedulable, 2 Insufficient cpu. no new claims to deallocate, preemption: 0/3 nodes are available: 3 ${noHelp}.`,
  ])
  const picky = pod('picky', '1')
  assert.deepEqual(await schedule([picky], []), ['picky: no nodes available to schedule pods'])
})

test('a node has room for so many pods and no more', async () => {
  const pods = ['a', 'b', 'c', 'd'].map((name) => pod(name, '0'))
  assert.equal((await schedule(pods))[3], `d: ${oneNode('1 Too many pods', noVictims)}`)
})

test('who may not preempt is told so', async () => {
  const modest = pod('modest', '2', { preemptionPolicy: 'Never' })
  assert.deepEqual(await schedule([modest]), [
    'modest: 0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never.',
  ])
})

test('older versions have words of their own', async () => {
  const tainted = { ...node, taints: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }] }
  assert.deepEqual(await schedule([pod('a', '1')], [tainted], '1.33'), [
    `a: 0/1 nodes are available: 1 node(s) had untolerated taint {gpu: yes}. preemption: 0/1 nodes are available: 1 ${noHelp}.`,
  ])
})

test('a node that the pod did not ask for is no place for it', async () => {
  const required = (nodeSelectorTerms: readonly NodeSelectorTerm[]): Partial<Pod['spec']> => ({
    affinity: {
      nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } },
    },
  })
  const asks = (key: string, operator: string, ...values: string[]) =>
    required([{ matchExpressions: [{ key, operator, values }] }])
  const named = (name: string) =>
    required([{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [name] }] }])
  const labelled = { ...node, labels: { disk: 'ssd', cores: '8' } }
  const good = [
    { nodeSelector: { disk: 'ssd' } },
    asks('disk', 'In', 'hdd', 'ssd'),
    asks('disk', 'NotIn', 'hdd'),
    asks('zone', 'NotIn', 'a'),
    asks('disk', 'Exists'),
    asks('zone', 'DoesNotExist'),
    asks('constructor', 'DoesNotExist'),
    asks('cores', 'Gt', '7'),
    asks('cores', 'Lt', '9'),
    named('n1'),
    required([
      { matchExpressions: [{ key: 'zone', operator: 'Exists' }] },
      {},
      { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] },
    ]),
  ]
  for (const part of good) {
    assert.deepEqual(await schedule([pod('a', '1', part)], [labelled]), ['bind a'])
  }
  const bad = [
    { nodeSelector: { disk: 'hdd' } },
    { nodeSelector: { disk: 'ssd' }, ...asks('disk', 'In', 'hdd') },
    asks('disk', 'NotIn', 'ssd'),
    asks('zone', 'Exists'),
    asks('disk', 'DoesNotExist'),
    asks('cores', 'Gt', '8'),
    asks('disk', 'Lt', '9'),
    named('n2'),
    required([]),
    required([{}]),
  ]
  const why = `a: ${oneNode("1 node(s) didn't match Pod's node affinity/selector", noHelp)}`
  for (const part of bad) {
    assert.deepEqual(await schedule([pod('a', '1', part)], [labelled]), [why])
  }
})

test('a taint keeps those away who do not tolerate it', async () => {
  const taint = { key: 'gpu', value: 'yes', effect: 'NoSchedule' }
  const tolerations = (...tolerations: readonly Toleration[]) => ({ tolerations })
  const away = [`a: ${oneNode('1 node(s) had untolerated taint(s)', noHelp)}`]
  const rows: readonly [string, Partial<Pod['spec']>, boolean][] = [
    ['none', {}, false],
    ['the same', tolerations({ key: 'gpu', value: 'yes', effect: 'NoSchedule' }), true],
    ['any effect', tolerations({ key: 'gpu', operator: 'Equal', value: 'yes' }), true],
    ['any value', tolerations({ key: 'gpu', operator: 'Exists' }), true],
    ['everything', tolerations({ operator: 'Exists' }), true],
    ['another value', tolerations({ key: 'gpu', value: 'no' }), false],
    ['another effect', tolerations({ key: 'gpu', value: 'yes', effect: 'NoExecute' }), false],
    ['another key', tolerations({ key: 'tpu', operator: 'Exists' }), false],
  ]
  for (const [name, part, bound] of rows) {
    const asked = await schedule([pod('a', '1', part)], [{ ...node, taints: [taint] }])
    assert.deepEqual(asked, bound ? ['bind a'] : away, name)
  }
  const mild = { ...taint, effect: 'PreferNoSchedule' }
  assert.deepEqual(await schedule([pod('a', '1')], [{ ...node, taints: [mild] }]), ['bind a'])
  const cordoned = { ...node, unschedulable: true }
  const patient = tolerations({ key: 'node.kubernetes.io/unschedulable', operator: 'Exists' })
  assert.deepEqual(await schedule([pod('a', '1', patient)], [cordoned]), ['bind a'])
})

test('a port of the node is for one pod', async () => {
  const asking = (name: string, hostPort: number, hostIP?: string) => {
    const port = { containerPort: 80, hostPort, ...(hostIP === undefined ? {} : { hostIP }) }
    return pod(name, '0', { containers: [{ name: 'c', ports: [port] }] })
  }
  const pods = [asking('a', 80), asking('b', 80, '127.0.0.1'), asking('c', 81)]
  const why = "1 node(s) didn't have free ports for the requested pod ports"
  assert.deepEqual(await schedule(pods), ['bind a', `b: ${oneNode(why, noVictims)}`, 'bind c'])
})

test('a resize that waits holds its room, one that cannot be does not', async () => {
  const grown = (reason: string): Pod => ({
    ...pod('grown', '900m', { nodeName: 'n1' }),
    status: {
      conditions: [{ type: 'PodResizePending', status: 'True', reason }],
      containerStatuses: [
        {
          name: 'c',
          ready: true,
          restartCount: 0,
          image: '',
          imageID: '',
          allocatedResources: { cpu: '200m' },
          resources: { requests: { cpu: '200m' } },
        },
      ],
    },
  })
  const next = pod('next', '500m')
  assert.deepEqual(await schedule([grown('Deferred'), next]), [
    `next: ${oneNode('1 Insufficient cpu', noVictims)}`,
  ])
  assert.deepEqual(await schedule([grown('Infeasible'), next]), ['bind next'])
})

test('a pod that still has more than it asks for takes that room', async () => {
  const shrinking: Pod = {
    ...pod('shrinking', '100m', { nodeName: 'n1' }),
    status: {
      containerStatuses: [
        {
          name: 'c',
          ready: true,
          restartCount: 0,
          image: '',
          imageID: '',
          allocatedResources: { cpu: '100m' },
          resources: { requests: { cpu: '800m' } },
        },
      ],
    },
  }
  assert.deepEqual(await schedule([shrinking, pod('next', '500m')]), [
    `next: ${oneNode('1 Insufficient cpu', noVictims)}`,
  ])
})

test('pods that are placed, ended, going, gated or for others are left alone', async () => {
  const placed = pod('placed', '1', { nodeName: 'n1' })
  const ended = { ...pod('ended', '1'), status: { phase: 'Succeeded' } }
  const going = pod('going', '1')
  const leaving = { ...going, metadata: { ...going.metadata, deletionTimestamp: 'now' } }
  const gated = pod('gated', '1', { schedulingGates: [{ name: 'wait' }] })
  const foreign = pod('foreign', '1', { schedulerName: 'mine' })
  assert.deepEqual(await schedule([placed, ended, leaving, gated, foreign]), [])
})

test('the same is said once, and something else again', async () => {
  const asked: string[] = []
  const all = [pod('big', '2')]
  const scheduler = schedulerOf(asked, all, [node])
  for (let pass = 0; pass < 3; pass += 1) await passOf(scheduler)
  assert.equal(asked.length, 1)
  all[0] = pod('big', '500m', { nodeSelector: { disk: 'hdd' } })
  await passOf(scheduler)
  assert.equal(asked.length, 2)
  all[0] = pod('big', '500m')
  await passOf(scheduler)
  assert.equal(asked[2], 'bind big')
})

test('keeps pods apart that do not want to be together', async () => {
  const labels = { 'kubernetes.io/hostname': 'n1' }
  const term = { labelSelector: {}, topologyKey: 'kubernetes.io/hostname' }
  const affinity = {
    podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] },
  }
  const pods = [pod('a', '1m', { affinity }), pod('b', '1m', {}, '2')]
  assert.deepEqual(await schedule(pods, [{ ...node, labels }]), [
    'bind a',
    "b: 0/1 nodes are available: 1 node(s) didn't satisfy existing pods anti-affinity rules. no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.",
  ])
})
