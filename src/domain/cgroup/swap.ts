import type { Container, PodSpec } from '../pod.ts'
import { hasCriticalPriority } from '../priority.ts'
import { qosClassOf } from '../resources/qos.ts'
import { sizeOf } from '../resources/size.ts'
import { bytes, type Bytes } from '../units.ts'
import type { CgroupVersion } from './files.ts'

/** Whether containers of a node may swap: never, or Burstable ones by their share of the memory. */
export const swapBehaviors = ['NoSwap', 'LimitedSwap'] as const
export type SwapBehavior = (typeof swapBehaviors)[number]

/**
 * Whether the container may swap on a node with LimitedSwap: Burstable pods that are not
 * critical, and of them containers that ask for memory and for less than their limit.
 *
 * @see kubelet's GetContainerSwapBehavior, pkg/kubelet/kuberuntime/kuberuntime_container_linux.go.
 */
export function maySwap(spec: PodSpec, container: Container): boolean {
  if (hasCriticalPriority(spec) || qosClassOf(spec) !== 'Burstable') return false
  const { memoryRequest = 0, memoryLimit = 0 } = sizeOf(container.resources)
  return memoryRequest !== 0 && memoryRequest !== memoryLimit
}

/** Memory and swap of a whole machine, in bytes. */
export interface SwapMachine {
  readonly memory: Bytes
  readonly swap: Bytes
}

/** The swap of a container that may swap: of the machine's the part that its request is of the memory. */
export function swapLimit(container: Container, { memory, swap }: SwapMachine): Bytes {
  const request = sizeOf(container.resources).memoryRequest ?? bytes(0)
  if (memory === 0) return bytes(0)
  return bytes(Number((BigInt(request) * BigInt(swap)) / BigInt(memory)))
}

/** Whether containers of a node may really swap: as asked for, with swap there, and cgroups that limit it. */
export function swapHolds(node: {
  readonly swapBehavior?: SwapBehavior
  readonly machine: Pick<SwapMachine, 'swap'>
  readonly cgroups: { readonly version: CgroupVersion }
}): boolean {
  const { swapBehavior, machine, cgroups } = node
  return swapBehavior === 'LimitedSwap' && machine.swap > 0 && cgroups.version === 'v2'
}
