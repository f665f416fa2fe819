/** What something uses at present. */
export interface Usage {
  /** Billionths of a CPU, over the window. */
  readonly cpuNanos: number
  /** Nanoseconds of CPU time since it began. */
  readonly cpuTotalNanos: number
  /** The working set in bytes: what cannot be dropped at once. */
  readonly memoryBytes: number
}

/** What a pod or a container uses. */
export interface CgroupUsage extends Usage {
  /** Path of its cgroup. */
  readonly cgroup: string
}

export interface PodUsage {
  readonly namespace: string
  readonly name: string
  /** The pod as a whole, with what is in none of its containers; absent where it has no cgroup. */
  readonly whole?: CgroupUsage
  readonly containers: readonly (CgroupUsage & { readonly name: string })[]
}

export interface UsageReport {
  /** Milliseconds since 1970: the end of the window. */
  readonly at: number
  readonly windowMs: number
  readonly nodes: readonly (Usage & { readonly name: string })[]
  readonly pods: readonly PodUsage[]
}

/** Tells what nodes and pods use, for metrics.k8s.io and so for `kubectl top`. */
export interface UsageSource {
  read(): Promise<UsageReport>
  /** What else the files of a cgroup say that is in a report; undefined once it is gone. */
  figures(cgroup: string): CgroupFigures | undefined
}

/** What bounds a cgroup, and how often it met that. */
export interface CgroupFigures {
  readonly cpuShares: number
  readonly cpuPeriodMicros: number
  /** CPU time in each period; absent where it is not limited. */
  readonly cpuQuotaMicros?: number
  /** Periods that began while there was a quota. */
  readonly cpuPeriods: number
  readonly throttledPeriods: number
  readonly throttledMicros: number
  /** All that is charged, with what can be dropped. */
  readonly memoryBytes: number
  readonly memoryLimitBytes?: number
  /** Processes that the kernel has killed for want of memory. */
  readonly oomKills: number
}
