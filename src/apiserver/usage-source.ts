/** What something uses at present. */
export interface Usage {
  /** Billionths of a CPU, over the window. */
  readonly cpuNanos: number
  /** Nanoseconds of CPU time since it began. */
  readonly cpuTotalNanos: number
  /** The working set in bytes: what cannot be dropped at once. */
  readonly memoryBytes: number
}

export interface PodUsage {
  readonly namespace: string
  readonly name: string
  /** The pod as a whole, with what is in none of its containers; absent where it has no cgroup. */
  readonly whole?: Usage
  readonly containers: readonly (Usage & { readonly name: string })[]
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
}
