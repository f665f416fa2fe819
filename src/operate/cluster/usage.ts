import type { Pod } from '../../domain/pod.ts'

/** What a container has used of CPU since it began, and of memory now. */
export interface UsageSample {
  /** Milliseconds of a clock that never goes back. */
  readonly at: number
  readonly cpuMicros: number
  /** Bytes that cannot be dropped at once. */
  readonly memory: number
}

/** Where the use of containers comes from. */
export interface UsageSource {
  /**
   * By container name; undefined if the pod cannot be seen from here.
   *
   * @throws only the reason of `signal`.
   */
  sample(pod: Pod, signal: AbortSignal): Promise<ReadonlyMap<string, UsageSample> | undefined>
}

/** What a container uses: millicores over a short time, and bytes. */
export interface ContainerUse {
  readonly cpu?: number
  readonly memory: number
}

/** The use between two samples of one container; without an earlier one of the same, memory only. */
export function useBetween(before: UsageSample | undefined, after: UsageSample): ContainerUse {
  const { memory } = after
  if (before === undefined || after.cpuMicros < before.cpuMicros || after.at <= before.at) {
    return { memory }
  }
  // Microseconds of CPU in a millisecond are millicores.
  const cpu = Math.round((after.cpuMicros - before.cpuMicros) / (after.at - before.at))
  return { cpu, memory }
}

/** What the containers of a pod use, by name, and where that is known from. */
export interface PodUse {
  readonly uses: ReadonlyMap<string, ContainerUse>
  readonly source: string
}

/** What pods use. */
export interface PodUses {
  /** Pods whose use cannot be seen from anywhere are left out. */
  now(pods: readonly Pod[], signal: AbortSignal): Promise<ReadonlyMap<Pod, PodUse>>
}
