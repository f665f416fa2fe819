import type { Bytes } from '../units.ts'
import type { ContainerUpdate } from './container-updates.ts'

export interface MemoryDecrease {
  /** The pod's new limit, if it goes down. */
  readonly podLimit: Bytes | undefined
  readonly podUsage: Bytes | undefined
  readonly updates: readonly ContainerUpdate[]
}

/**
 * Why memory limits cannot go down now: something uses as much as its new limit or more,
 * or nobody knows what it uses. `undefined` if nothing speaks against it.
 *
 * A cgroup v2 takes a limit below the usage and kills what does not fit, so this is
 * looked at before anything is written. It is no promise: usage may rise in between.
 *
 * Containers that restart free what they use, so their usage counts neither for
 * themselves nor for the pod. Differences from the kubelet: it prints the pod's usage for
 * a container, and does not look when only the pod's limit goes down.
 *
 * @see kubelet's kuberuntime_manager.go, validateMemoryResizeAction (Kubernetes 1.34+).
 */
export function refuseMemoryDecrease(decrease: MemoryDecrease): string | undefined {
  const reasons = [...refusePod(decrease), ...decrease.updates.flatMap(refuseContainer)]
  if (reasons.length === 0) return undefined
  const text = reasons.length === 1 ? reasons[0] : `[${reasons.join(', ')}]`
  return `cannot decrease memory limits: ${text}`
}

function refusePod({ podLimit, podUsage, updates }: MemoryDecrease): readonly string[] {
  if (podLimit === undefined) return []
  if (podUsage === undefined) return ['missing pod memory usage']
  const freed = updates
    .filter(({ restarts }) => restarts)
    .reduce((sum, { container }) => sum + (container.memoryUsage ?? podUsage), 0)
  const usage = Math.max(0, podUsage - freed)
  if (usage < podLimit) return []
  return [`attempting to set pod memory limit (${podLimit}) below current usage (${usage})`]
}

function refuseContainer({ container, from, to, restarts }: ContainerUpdate): readonly string[] {
  const limit = to.memoryLimit ?? 0
  const old = from.memoryLimit ?? 0
  const goesDown = limit !== 0 && (old === 0 || limit < old)
  if (restarts || !goesDown) return []
  const { name, memoryUsage } = container
  if (memoryUsage === undefined) return [`missing container ${JSON.stringify(name)} memory usage`]
  if (memoryUsage < limit) return []
  return [
    `attempting to set container ${JSON.stringify(name)} memory limit (${limit}) below current usage (${memoryUsage})`,
  ]
}
