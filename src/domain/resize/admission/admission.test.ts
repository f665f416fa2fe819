import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Pod, PodSpec, ResourceRequirements } from '../../pod.ts'
import { admitResize, fitsNode, type NodeFacts } from './admission.ts'
import type { KubeVersion } from '../../kube-version.ts'
import { exceedsNode } from './node-limit.ts'

const node: NodeFacts = { allocatable: { cpu: '4', memory: '8Gi', pods: '110' } }

function podOf(resources: ResourceRequirements, more: Partial<Pod> = {}): Pod {
  return { metadata: { name: 'web' }, spec: { containers: [{ name: 'a', resources }] }, ...more }
}

const asking = (cpu: string, memory = '1Gi') => podOf({ requests: { cpu, memory } })
const guaranteed = (cpu: string, memory: string) =>
  podOf({ requests: { cpu, memory }, limits: { cpu, memory } })

interface Case {
  readonly name: string
  readonly pod: Pod
  readonly allocated?: PodSpec
  readonly others?: readonly Pod[]
  readonly node?: Partial<NodeFacts>
  readonly version?: KubeVersion
  /** `admitted`, or kind, raw reason or detail, and message. */
  readonly verdict: string
}

const noRoom = 'deferred OutOfcpu Node'

const cases: readonly Case[] = [
  { name: 'fits', pod: asking('2'), verdict: 'admitted' },
  { name: 'fits exactly', pod: asking('3'), others: [asking('1')], verdict: 'admitted' },
  {
    name: 'too little CPU beside the others (4.5)',
    pod: asking('5'),
    others: [asking('2')],
    verdict: `${noRoom} didn't have enough resource: cpu, requested: 5000, used: 2000, capacity: 4000`,
  },
  {
    name: 'too little memory',
    pod: asking('1', '9Gi'),
    verdict:
      "deferred OutOfmemory Node didn't have enough resource: memory, requested: 9663676416, used: 0, capacity: 8589934592",
  },
  {
    name: 'CPU is named before memory',
    pod: asking('5', '9Gi'),
    verdict: `${noRoom} didn't have enough resource: cpu, requested: 5000, used: 0, capacity: 4000`,
  },
  {
    name: 'overhead counts',
    pod: podOf({}, { spec: { ...asking('4').spec, overhead: { cpu: '1m' } } }),
    verdict: `${noRoom} didn't have enough resource: cpu, requested: 4001, used: 0, capacity: 4000`,
  },
  {
    name: 'ended pods hold nothing',
    pod: asking('4'),
    others: [{ ...asking('2'), status: { phase: 'Succeeded' } }],
    verdict: 'admitted',
  },
  {
    name: 'larger than the node: later, not never, from 1.36 on',
    pod: asking('9'),
    node: { capacity: { cpu: '4', memory: '8Gi' } },
    verdict: `${noRoom} didn't have enough resource: cpu, requested: 9000, used: 0, capacity: 4000`,
  },
  {
    name: 'larger than the node',
    version: '1.35',
    pod: asking('9'),
    node: { capacity: { cpu: '4', memory: '8Gi' } },
    verdict:
      "infeasible insufficient_node_allocatable Node didn't have enough capacity: cpu, requested: 9000, capacity: 4000",
  },
  {
    name: 'larger than the node in both: memory is named',
    version: '1.35',
    pod: asking('9', '9Gi'),
    node: { capacity: { cpu: '4', memory: '8Gi' } },
    verdict:
      "infeasible insufficient_node_allocatable Node didn't have enough capacity: memory, requested: 9663676416, capacity: 8589934592",
  },
  {
    name: 'gate off',
    pod: asking('1'),
    node: { inPlaceResize: false },
    verdict: 'infeasible feature_gate_off InPlacePodVerticalScaling is disabled',
  },
  {
    name: 'windows',
    pod: asking('1'),
    node: { os: 'windows' },
    verdict: 'infeasible windows In-place pod resize is not supported on Windows',
  },
  {
    name: 'another system',
    pod: asking('1'),
    node: { os: 'plan9' },
    verdict: 'infeasible unsupported_platform In-place pod resize is not supported on this node',
  },
  ...(['1.35', '1.36'] as const).map((version) => ({
    name: 'static pod',
    version,
    pod: {
      ...asking('1'),
      metadata: { name: 'web', annotations: { 'kubernetes.io/config.source': 'file' } },
    },
    verdict:
      version === '1.35'
        ? 'infeasible static_pod In-place resize of static-pods is not supported'
        : 'admitted',
  })),
  {
    name: 'swap and another memory request',
    pod: asking('1', '2Gi'),
    allocated: asking('1').spec,
    node: { swap: true },
    verdict: 'infeasible swap_limitation In-place resize of containers with swap is not supported.',
  },
  {
    name: 'swap and the same memory request',
    pod: asking('2'),
    allocated: asking('1').spec,
    node: { swap: true },
    verdict: 'admitted',
  },
  {
    name: 'swap and a restart for memory',
    pod: podOf(
      {},
      {
        spec: {
          containers: [
            {
              name: 'a',
              resources: { requests: { memory: '2Gi' } },
              resizePolicy: [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }],
            },
          ],
        },
      },
    ),
    allocated: asking('1').spec,
    node: { swap: true },
    verdict: 'admitted',
  },
  {
    name: 'pod-level resources, gate off',
    pod: podOf({}, { spec: { containers: [], resources: { requests: { cpu: '2' } } } }),
    allocated: { containers: [], resources: { requests: { cpu: '1' } } },
    node: { podLevelResize: false },
    verdict: 'infeasible plr_feature_gate_off InPlacePodLevelResourcesVerticalScaling is disabled',
  },
  {
    name: 'pod-level resources',
    pod: podOf({}, { spec: { containers: [], resources: { requests: { cpu: '2' } } } }),
    allocated: { containers: [], resources: { requests: { cpu: '1' } } },
    verdict: 'admitted',
  },
  {
    name: 'static CPU manager and another CPU request',
    pod: guaranteed('2', '1Gi'),
    allocated: guaranteed('1', '1Gi').spec,
    node: { cpuManagerPolicy: 'static' },
    verdict:
      'infeasible guaranteed_pod_cpu_manager_static_policy Resize is infeasible for Guaranteed Pods alongside CPU Manager policy "static"',
  },
  {
    name: 'static CPU manager and another memory request',
    pod: guaranteed('1', '2Gi'),
    allocated: guaranteed('1', '1Gi').spec,
    node: { cpuManagerPolicy: 'static' },
    verdict: 'admitted',
  },
  {
    name: 'static CPU manager and another memory request',
    version: '1.33',
    pod: guaranteed('1', '2Gi'),
    allocated: guaranteed('1', '1Gi').spec,
    node: { cpuManagerPolicy: 'static' },
    verdict:
      'infeasible guaranteed_pod_cpu_manager_static_policy Resize is infeasible for Guaranteed Pods alongside CPU Manager static policy',
  },
  {
    name: 'static memory manager and another memory request',
    pod: guaranteed('1', '2Gi'),
    allocated: guaranteed('1', '1Gi').spec,
    node: { memoryManagerPolicy: 'Static' },
    verdict:
      'infeasible guaranteed_pod_memory_manager_static_policy Resize is infeasible for Guaranteed Pods alongside Memory Manager policy "Static"',
  },
  {
    name: 'static memory manager',
    version: '1.32',
    pod: guaranteed('2', '1Gi'),
    allocated: guaranteed('1', '1Gi').spec,
    node: { memoryManagerPolicy: 'Static' },
    verdict:
      'infeasible guaranteed_pod_memory_manager_static_policy Resize is infeasible for Guaranteed Pods alongside Memory Manager static policy',
  },
  {
    name: 'static CPU manager and a Burstable pod',
    pod: asking('2'),
    allocated: asking('1').spec,
    node: { cpuManagerPolicy: 'static' },
    verdict: 'admitted',
  },
]

describe('admission of a resize (4.4, 4.5)', () => {
  for (const one of cases) {
    const { name, pod, allocated = pod.spec, others = [], version, verdict } = one
    test(`${name}${version ? ` (${version})` : ''}`, () => {
      const result = admitResize({
        pod,
        allocated,
        others,
        node: { ...node, ...one.node },
        ...(version ? { version } : {}),
      })
      assert.equal(textOf(result), verdict)
    })
  }
})

function textOf(result: ReturnType<typeof admitResize>): string {
  switch (result.kind) {
    case 'admitted':
      return result.kind
    case 'deferred':
      return `${result.kind} ${result.rawReason} ${result.message}`
    case 'infeasible':
      return `${result.kind} ${result.detail} ${result.message}`
    default:
      return result satisfies never
  }
}

describe('whether a pod fits a node', () => {
  test('the number of pods comes first, also for a pod that asks for nothing', () => {
    const fit = fitsNode(podOf({}), [podOf({})], { allocatable: { cpu: '1', pods: '1' } })
    assert.deepEqual(fit, {
      kind: 'short',
      rawReason: 'OutOfpods',
      message: "Node didn't have enough resource: pods, requested: 1, used: 1, capacity: 1",
      shortages: [{ resource: 'pods', requested: 1, used: 1, capacity: 1 }],
    })
  })

  test('a pod that asks for nothing fits a full node', () => {
    const full = [asking('9', '9Gi')]
    assert.deepEqual(fitsNode(podOf({}), full, node), { kind: 'fits' })
  })

  test('every shortage is listed in the order of Kubernetes', () => {
    const requests = {
      'example.com/gpu': '1',
      'ephemeral-storage': '1Gi',
      memory: '9Gi',
      cpu: '5',
    }
    const fit = fitsNode(podOf({ requests }), [], node)
    assert.equal(fit.kind, 'short')
    assert.deepEqual(fit.kind === 'short' && fit.shortages.map(({ resource }) => resource), [
      'cpu',
      'memory',
      'ephemeral-storage',
      'example.com/gpu',
    ])
  })
})

describe('larger than the whole node (3.5)', () => {
  const allocatable = { cpu: '200m', memory: '1Gi' }
  const from = (cpu: string, memory: string) => exceedsNode(asking(cpu, memory).spec, allocatable)
  test('fits', () => assert.equal(from('200m', '1Gi'), undefined))
  test('cpu', () =>
    assert.equal(
      from('500m', '1Gi'),
      "node didn't have enough allocatable resources: cpu, requested: 500, allocatable: 200",
    ))
  test('both', () =>
    assert.equal(
      from('500m', '2Gi'),
      "node didn't have enough allocatable resources: cpu, requested: 500, allocatable: 200; memory, requested: 2147483648, allocatable: 1073741824",
    ))
})
