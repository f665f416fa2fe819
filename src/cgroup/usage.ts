import type { Bytes, Micros } from '../domain/units.ts'

export type { MemorySample } from '../domain/resize/actuation/memory-shrink.ts'

/** What a cgroup uses of memory, its descendants included. */
export interface MemoryUsage {
  /** All that is charged, page cache included. The kernel holds this against the limit. */
  readonly usage: Bytes
  /** `usage` without the page cache that can be dropped first, as the kubelet counts (`inactive_file`). */
  readonly workingSet: Bytes
}

/** What a cgroup has used of CPU since it was made, its descendants included. */
export interface CpuUsage {
  readonly usage: Micros
  /** CFS periods that began while the cgroup had a quota. */
  readonly periods: number
  /** Those in which the quota ran out. */
  readonly throttledPeriods: number
  readonly throttled: Micros
}

/** How often a cgroup met its memory limit. */
export interface MemoryEvents {
  /**
   * Processes the kernel has killed for want of memory. v2: in the cgroup and below;
   * v1: in the cgroup itself only.
   */
  readonly oomKills: number
  /** Times that usage reached the limit. */
  readonly limitHits: number
}
