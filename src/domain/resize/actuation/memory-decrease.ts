import { bytes, type Bytes } from '../../units.ts'
import type { ContainerUpdate } from './container-updates.ts'
import type { MemoryInUse } from './memory-in-use.ts'

export interface MemoryDecrease {
  /** The pod's new limit, if it goes down. */
  readonly podLimit: Bytes | undefined
  readonly podMemory: MemoryInUse | undefined
  readonly updates: readonly ContainerUpdate[]
}

/**
 * Why memory limits cannot go down now: something holds as much as its new limit or more,
 * or nobody knows what it uses. `undefined` if nothing speaks against it.
 *
 * A cgroup v2 takes a limit below the usage and kills what does not fit, so this is
 * looked at before anything is written. What can be reclaimed, such as page cache, does
 * not count: the steps that shrink memory get it back first. Differences from the kubelet:
 * it counts page cache, prints the pod's usage for a container, and does not look when
 * only the pod's limit goes down.
 *
 * Containers that restart free what they use, so their usage counts neither for
 * themselves nor for the pod.
 *
 * @see kubelet's kuberuntime_manager.go, validateMemoryResizeAction (Kubernetes 1.34+).
 */
export function refuseMemoryDecrease(decrease: MemoryDecrease): string | undefined {
  const reasons = [...refusePod(decrease), ...decrease.updates.flatMap(refuseContainer)]
  if (reasons.length === 0) return undefined
  const text = reasons.length === 1 ? reasons[0] : `[${reasons.join(', ')}]`
  return `cannot decrease memory limits: ${text}`
}

/** Whether the container goes on running with less memory than before. */
export function shrinksMemory({ from, to, restarts }: ContainerUpdate): boolean {
  const limit = to.memoryLimit ?? 0
  const old = from.memoryLimit ?? 0
  return !restarts && limit !== 0 && (old === 0 || limit < old)
}

function refusePod({ podLimit, podMemory, updates }: MemoryDecrease): readonly string[] {
  if (podLimit === undefined) return []
  if (podMemory === undefined) return ['missing pod memory usage']
  const freed = updates
    .filter(({ restarts }) => restarts)
    .map(({ container }) => container.memory ?? podMemory)
  const usage = podMemory.usage - sum(freed.map((one) => one.usage))
  const held = heldOf(podMemory) - sum(freed.map(heldOf))
  return refuse('pod', podLimit, {
    usage: bytes(Math.max(0, usage)),
    held: bytes(Math.max(0, held)),
  })
}

function refuseContainer(update: ContainerUpdate): readonly string[] {
  if (!shrinksMemory(update)) return []
  const { name, memory } = update.container
  const whose = `container ${JSON.stringify(name)}`
  if (memory === undefined) return [`missing ${whose} memory usage`]
  return refuse(whose, update.to.memoryLimit ?? bytes(0), memory)
}

function refuse(whose: string, limit: Bytes, memory: MemoryInUse): readonly string[] {
  const held = heldOf(memory)
  if (held < limit) return []
  const most = held < memory.usage ? `, of which ${held} cannot be reclaimed` : ''
  return [
    `attempting to set ${whose} memory limit (${limit}) below current usage (${memory.usage})${most}`,
  ]
}

function heldOf({ usage, held }: MemoryInUse): Bytes {
  return held ?? usage
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, one) => total + one, 0)
}
