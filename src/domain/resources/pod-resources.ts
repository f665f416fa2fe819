import { isSidecar, type Container, type PodSpec } from '../pod.ts'
import { milliValue, wholeValue, type Quantity } from '../quantity/quantity.ts'
import {
  addLists,
  addWherePresent,
  largestOfLists,
  parseList,
  type QuantityList,
} from '../quantity/quantity-list.ts'
import { sizeOf, type Size } from './size.ts'
import { bytes, milliCpu } from '../units.ts'

export { allocationOf, withAllocated, type Allocation } from './allocation.ts'
export type { QuantityList } from '../quantity/quantity-list.ts'

/**
 * What the pod as a whole asks for, by resource name: what its containers need at the
 * busiest moment of its life, or the pod-level request where there is one, plus overhead.
 *
 * Init containers run one after the other beside the sidecars started before them, so
 * they count only if that is more than all regular containers and sidecars together.
 *
 * @see Kubernetes component-helpers/resource/helpers.go, PodRequests; KEP-753.
 */
export function podRequests(spec: PodSpec): QuantityList {
  const containers = containersTotal(spec, 'requests')
  const requests = { ...containers, ...podLevel(spec, 'requests') }
  return addLists(requests, parseList(spec.overhead))
}

/**
 * The sum of the limits that the pod's containers have, by resource name, or the
 * pod-level limit where there is one. A container without a limit adds nothing, so this
 * is no bound of the pod unless `podSize` says so. Overhead is added to the limits there are.
 *
 * @see Kubernetes component-helpers/resource/helpers.go, PodLimits.
 */
export function podLimits(spec: PodSpec): QuantityList {
  const limits = { ...containersTotal(spec, 'limits'), ...podLevel(spec, 'limits') }
  return addWherePresent(limits, parseList(spec.overhead))
}

/**
 * The CPU and memory of the pod as a whole, as its cgroup has to hold it: a limit only
 * if every container has one, or the pod itself.
 *
 * @see kubelet's ResourceConfigForPod, pkg/kubelet/cm/helpers_linux.go.
 */
export function podSize(spec: PodSpec): Size {
  const { cpu: cpuRequest, memory: memoryRequest } = podRequests(spec)
  const { cpu: cpuSum, memory: memorySum } = podLimits(spec)
  const cpuLimit = isLimited(spec, 'cpu') && cpuSum
  const memoryLimit = isLimited(spec, 'memory') && memorySum
  return {
    ...(cpuRequest && { cpuRequest: milliCpu(Math.max(0, milliValue(cpuRequest))) }),
    ...(cpuLimit && { cpuLimit: milliCpu(Math.max(0, milliValue(cpuLimit))) }),
    ...(memoryRequest && { memoryRequest: bytes(Math.max(0, wholeValue(memoryRequest))) }),
    ...(memoryLimit && { memoryLimit: bytes(Math.max(0, wholeValue(memoryLimit))) }),
  }
}

/**
 * The size of one container of the pod, where a limit that it does not have itself is
 * the pod's: no container can use more than its pod.
 */
export function effectiveSize(spec: PodSpec, container: Container): Size {
  const own = sizeOf(container.resources)
  if (!spec.resources?.limits) return own
  const { cpuLimit, memoryLimit } = sizeOf({ limits: spec.resources.limits })
  return {
    ...own,
    ...(!own.cpuLimit && cpuLimit && { cpuLimit }),
    ...(!own.memoryLimit && memoryLimit && { memoryLimit }),
  }
}

/** The requests or limits of the containers together, without pod-level values and overhead. */
export function containersTotal(spec: PodSpec, side: 'requests' | 'limits'): QuantityList {
  const stages = initStages(spec, side)
  const sidecars = stages.at(-1)?.sidecars ?? {}
  const regular = spec.containers.map(({ resources }) => parseList(resources?.[side]))
  const running = addLists(regular.reduce(addLists, {}), sidecars)
  return stages.map(({ needed }) => needed).reduce(largestOfLists, running)
}

interface InitStage {
  /** What runs while this init container runs: itself and the sidecars so far. */
  readonly needed: QuantityList
  /** What goes on running after it has started or ended. */
  readonly sidecars: QuantityList
}

function initStages(spec: PodSpec, side: 'requests' | 'limits'): readonly InitStage[] {
  let sidecars: QuantityList = {}
  return (spec.initContainers ?? []).map((container) => {
    const own = parseList(container.resources?.[side])
    if (!isSidecar(container)) return { needed: addLists(own, sidecars), sidecars }
    sidecars = addLists(sidecars, own)
    return { needed: sidecars, sidecars }
  })
}

function podLevel(spec: PodSpec, side: 'requests' | 'limits'): QuantityList {
  const list = spec.resources?.[side]
  if (!list) return {}
  const counted = Object.entries(list).filter(
    ([name]) => name === 'cpu' || name === 'memory' || name.startsWith('hugepages-'),
  )
  return parseList(Object.fromEntries(counted))
}

function isLimited(spec: PodSpec, resource: 'cpu' | 'memory'): boolean {
  if (isPositive(parseList(spec.resources?.limits)[resource])) return true
  return (
    spec.containers.every((one) => isPositive(limitsOf(one)[resource])) &&
    initStages(spec, 'limits').every(({ needed }) => isPositive(needed[resource]))
  )
}

function isPositive(quantity: Quantity | undefined): boolean {
  return quantity !== undefined && quantity.nano > 0n
}

function limitsOf({ resources }: Container): QuantityList {
  return parseList(resources?.limits)
}
