/** What something uses at present. */
export interface Usage {
  /** Billionths of a CPU, over the window. */
  readonly cpuNanos: number
  /** The working set in bytes: what cannot be dropped at once. */
  readonly memoryBytes: number
}

export interface PodUsage {
  readonly namespace: string
  readonly name: string
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
