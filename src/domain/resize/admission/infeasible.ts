import {
  allContainers,
  type Container,
  type PodSpec,
  type ResourceList,
  type Pod,
} from '../../pod.ts'
import { qosClassOf } from '../../resources/qos.ts'
import { maySwap } from '../../cgroup/swap.ts'
import { sizeOf } from '../../resources/size.ts'
import { atLeast, type KubeVersion } from '../../kube-version.ts'
import { amountsIn, amountsOf } from './node-usage.ts'
import { restartsFor, type ResizableResource } from '../resize-policy.ts'
import { sameResources } from '../same-resources.ts'

/** What kind of node it is, as far as resizes depend on it. Absent means the usual Linux node. */
export interface NodeAbilities {
  /** @default true */
  readonly inPlaceResize?: boolean
  /** @default true from Kubernetes 1.36 on */
  readonly podLevelResize?: boolean
  /** @default 'linux' */
  readonly os?: string
  /** Whether containers may swap on the node (LimitedSwap, with swap there). @default false */
  readonly swap?: boolean
  /** @default 'none' */
  readonly cpuManagerPolicy?: 'none' | 'static'
  /** @default 'None' */
  readonly memoryManagerPolicy?: 'None' | 'Static'
  /**
   * Capacity without what is reserved for the system, eviction thresholds not taken off.
   * Before 1.36 a pod larger than this is Infeasible; without it that is not checked.
   */
  readonly capacity?: ResourceList
}

/** The label values of `kubelet_pod_infeasible_resizes_total`. */
export const infeasibleDetails = [
  'feature_gate_off',
  'windows',
  'unsupported_platform',
  'static_pod',
  'swap_limitation',
  'plr_feature_gate_off',
  'guaranteed_pod_cpu_manager_static_policy',
  'guaranteed_pod_memory_manager_static_policy',
  'insufficient_node_allocatable',
] as const
export type InfeasibleDetail = (typeof infeasibleDetails)[number]

export interface InfeasibleReason {
  readonly message: string
  readonly detail: InfeasibleDetail
}

export interface ResizeOnNode {
  readonly pod: Pod
  readonly allocated: PodSpec
  readonly node: NodeAbilities
  readonly version: KubeVersion
}

/**
 * Why the node can never do this resize; `undefined` if nothing speaks against it for good.
 *
 * @see kubelet's allocation/handlers.go.
 */
export function infeasibleReason(resize: ResizeOnNode): InfeasibleReason | undefined {
  for (const check of checks) {
    const reason = check(resize)
    if (reason) return reason
  }
  return undefined
}

type Check = (resize: ResizeOnNode) => InfeasibleReason | undefined

const checks: readonly Check[] = [
  refusePlatform,
  refuseStaticPod,
  refuseSwap,
  refusePodLevel,
  refuseStaticCpu,
  refuseStaticMemory,
  refuseCapacity,
]

function refusePlatform({ node }: ResizeOnNode): InfeasibleReason | undefined {
  if (node.inPlaceResize === false) {
    return { message: 'InPlacePodVerticalScaling is disabled', detail: 'feature_gate_off' }
  }
  const os = node.os ?? 'linux'
  if (os === 'windows') {
    return { message: 'In-place pod resize is not supported on Windows', detail: 'windows' }
  }
  if (os !== 'linux') {
    const message = 'In-place pod resize is not supported on this node'
    return { message, detail: 'unsupported_platform' }
  }
  return undefined
}

function refuseStaticPod({ pod, version }: ResizeOnNode): InfeasibleReason | undefined {
  const source = pod.metadata.annotations?.['kubernetes.io/config.source'] ?? 'api'
  if (source === 'api' || atLeast(version, '1.36')) return undefined
  return { message: 'In-place resize of static-pods is not supported', detail: 'static_pod' }
}

function refuseSwap({ pod, allocated, node }: ResizeOnNode): InfeasibleReason | undefined {
  if (!node.swap) return undefined
  const live = allContainers(pod.spec).some(
    (container) =>
      !restartsFor(container, 'memory') &&
      changesRequest(container, allocated, 'memory') &&
      swapsBeforeOrAfter(container, pod.spec, allocated),
  )
  if (!live) return undefined
  const message = 'In-place resize of containers with swap is not supported.'
  return { message, detail: 'swap_limitation' }
}

function swapsBeforeOrAfter(container: Container, wanted: PodSpec, allocated: PodSpec): boolean {
  const before = allContainers(allocated).find(({ name }) => name === container.name)
  return maySwap(wanted, container) || (before !== undefined && maySwap(allocated, before))
}

function refusePodLevel({
  pod,
  allocated,
  node,
  version,
}: ResizeOnNode): InfeasibleReason | undefined {
  const able = node.podLevelResize ?? atLeast(version, '1.36')
  if (able || !atLeast(version, '1.35')) return undefined
  if (sameResources(pod.spec.resources, allocated.resources)) return undefined
  const message = 'InPlacePodLevelResourcesVerticalScaling is disabled'
  return { message, detail: 'plr_feature_gate_off' }
}

function refuseStaticCpu(resize: ResizeOnNode): InfeasibleReason | undefined {
  if (resize.node.cpuManagerPolicy !== 'static' || !isPinned(resize, 'cpu')) return undefined
  return refuseStatic(resize, 'CPU Manager', 'static', 'guaranteed_pod_cpu_manager_static_policy')
}

function refuseStaticMemory(resize: ResizeOnNode): InfeasibleReason | undefined {
  if (resize.node.memoryManagerPolicy !== 'Static' || !isPinned(resize, 'memory')) return undefined
  const detail = 'guaranteed_pod_memory_manager_static_policy'
  return refuseStatic(resize, 'Memory Manager', 'Static', detail)
}

function refuseStatic(
  { version }: ResizeOnNode,
  manager: string,
  policy: string,
  detail: InfeasibleReason['detail'],
): InfeasibleReason {
  const named = atLeast(version, '1.34')
    ? `${manager} policy "${policy}"`
    : `${manager} static policy`
  return { message: `Resize is infeasible for Guaranteed Pods alongside ${named}`, detail }
}

/** Whether a static policy may hold the resource for the pod, and the resize changes it. */
function isPinned({ pod, allocated, version }: ResizeOnNode, resource: ResizableResource): boolean {
  const qos = pod.status?.qosClass ?? qosClassOf(pod.spec)
  if (qos !== 'Guaranteed') return false
  if (!atLeast(version, '1.34')) return true
  return allContainers(pod.spec).some((container) => changesRequest(container, allocated, resource))
}

function refuseCapacity({ pod, node, version }: ResizeOnNode): InfeasibleReason | undefined {
  if (node.capacity === undefined || atLeast(version, '1.36')) return undefined
  const capacity = amountsIn(node.capacity)
  const requested = amountsOf(pod.spec)
  for (const resource of ['memory', 'cpu']) {
    const wanted = requested[resource] ?? 0
    const there = capacity[resource] ?? 0
    if (wanted > there) {
      const message = `Node didn't have enough capacity: ${resource}, requested: ${wanted}, capacity: ${there}`
      return { message, detail: 'insufficient_node_allocatable' }
    }
  }
  return undefined
}

function changesRequest(
  container: Container,
  allocated: PodSpec,
  resource: ResizableResource,
): boolean {
  const before = allContainers(allocated).find(({ name }) => name === container.name)
  const key = resource === 'cpu' ? 'cpuRequest' : 'memoryRequest'
  return (sizeOf(container.resources)[key] ?? 0) !== (sizeOf(before?.resources)[key] ?? 0)
}
