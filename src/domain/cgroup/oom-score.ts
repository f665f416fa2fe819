import { isSidecar, type Container, type PodSpec } from '../pod.ts'
import { hasCriticalPriority } from '../priority.ts'
import { containersTotal } from '../resources/pod-resources.ts'
import { qosClassOf } from '../resources/qos.ts'
import { wholeValue } from '../quantity/quantity.ts'
import { sizeOf } from '../resources/size.ts'
import type { Bytes } from '../units.ts'

/** For Guaranteed pods and those that the node cannot live without. */
const guaranteedOomScore = -997

/** For BestEffort pods, which go first. */
const bestEffortOomScore = 1000

/** Burstable pods stay strictly between the other two: 3 to 999. */
const lowestBurstable = 3
const highestBurstable = 999

export interface OomScoreInput {
  readonly spec: PodSpec
  readonly container: Container
  /** All memory of the machine, not only what pods may have. Above 0. */
  readonly nodeMemory: Bytes
  /** Static and mirror pods are critical at any priority. @default false */
  readonly isStatic?: boolean
}

/**
 * The `oom_score_adj` of a container's processes: how readily the kernel kills them when
 * memory runs out, -997 to 1000. A Burstable container that asks for a larger part of
 * the machine's memory is killed later.
 *
 * It is set when the container starts; no runtime applies a new one to a running container.
 *
 * @see kubelet's GetContainerOOMScoreAdjust, pkg/kubelet/qos/policy.go.
 */
export function oomScoreAdj(input: OomScoreInput): number {
  const { spec, container } = input
  const qos = qosClassOf(spec)
  if (isNodeCritical(input) || qos === 'Guaranteed') return guaranteedOomScore
  if (qos === 'BestEffort') return bestEffortOomScore
  const share = podLevelShare(spec)
  const own = scoreFor(memoryRequest(container) + share, input.nodeMemory)
  const score = isSidecar(container)
    ? Math.min(own, scoreFor(smallestRegular(spec) + share, input.nodeMemory))
    : own
  return Math.min(Math.max(score, lowestBurstable), highestBurstable)
}

function isNodeCritical({ spec, isStatic = false }: OomScoreInput): boolean {
  const isCritical = isStatic || hasCriticalPriority(spec)
  return isCritical && spec.priorityClassName === 'system-node-critical'
}

function scoreFor(request: bigint, nodeMemory: Bytes): number {
  return 1000 - Number((1000n * request) / BigInt(nodeMemory))
}

/** A sidecar lives at least as long as any container that it serves. */
function smallestRegular(spec: PodSpec): bigint {
  const requests = spec.containers.map(memoryRequest)
  return requests.reduce((least, one) => (one < least ? one : least), requests[0] ?? 0n)
}

function memoryRequest(container: Container): bigint {
  return BigInt(sizeOf(container.resources).memoryRequest ?? 0)
}

/** What the pod-level request leaves for each container beyond its own request. */
function podLevelShare(spec: PodSpec): bigint {
  const { memoryRequest } = sizeOf(spec.resources)
  if (!memoryRequest) return 0n
  const { memory } = containersTotal(spec, 'requests')
  const left = memoryRequest - (memory ? wholeValue(memory) : 0)
  const containers = spec.containers.length + (spec.initContainers?.length ?? 0)
  return containers === 0 ? 0n : BigInt(left) / BigInt(containers)
}
