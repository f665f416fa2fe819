import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { CgroupVersion } from '../../domain/cgroup/files.ts'
import type { MemoryRequests } from '../../domain/cgroup/memory-qos.ts'
import type { PodCondition, PodSpec } from '../../domain/pod.ts'
import { conditionOf, inProgressType, pendingType } from '../../domain/resize/conditions.ts'
import {
  type InfeasibleDetail,
  infeasibleDetails,
} from '../../domain/resize/admission/infeasible.ts'
import {
  resizeKinds,
  resizeOperations,
  resizeRequirements,
  resizeResources,
} from '../../domain/resize/reporting/resize-operations.ts'

/** Why a waiting resize was looked at again, in the words of the metric's label. */
const retryTriggers = [
  'pods_added',
  'pod_updated',
  'pods_removed',
  'pod_resized',
  'pod_terminated',
  'periodic_retry',
] as const
export type RetryTrigger = (typeof retryTriggers)[number]

const durationBuckets = [
  10, 50, 100, 500, 1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000,
]

/**
 * The kubelet's metrics of resizes, with its names and labels (Kubernetes 1.34+). All
 * label values are there from the start, at 0.
 *
 * @see pkg/kubelet/metrics/metrics.go
 */
export class NodeMetrics {
  readonly registry = new Registry()
  readonly #requested: Counter
  readonly #duration: Histogram
  readonly #infeasible: Counter
  readonly #accepted: Counter
  readonly #memoryMin: Gauge
  readonly #memoryLow: Gauge

  /** `conditions` are those of all pods at present, asked for when somebody reads the metrics. */
  constructor(conditions: () => Iterable<readonly PodCondition[]>, cgroups?: CgroupVersion) {
    const registers = [this.registry]
    this.#requested = new Counter({
      name: 'kubelet_container_requested_resizes_total',
      help: 'Number of requested resizes, counted at the container level. Different resources on the same container are counted separately. The requirement label refers to memory or limits; the operation label refers to add, remove, increase, or decrease.',
      labelNames: ['resource', 'requirement', 'operation'],
      registers,
    })
    this.#duration = new Histogram({
      name: 'kubelet_pod_resize_duration_milliseconds',
      help: 'Duration in milliseconds to actuate a pod resize',
      labelNames: ['success'],
      buckets: durationBuckets,
      registers,
    })
    this.#infeasible = new Counter({
      name: 'kubelet_pod_infeasible_resizes_total',
      help: 'Number of infeasible resizes for pods.',
      labelNames: ['reason_detail'],
      registers,
    })
    this.#accepted = new Counter({
      name: 'kubelet_pod_deferred_accepted_resizes_total',
      help: 'Cumulative number of resizes that were accepted after being deferred.',
      labelNames: ['retry_trigger'],
      registers,
    })
    this.#memoryMin = new Gauge({
      name: 'kubelet_memory_qos_node_memory_min_bytes',
      help: 'Total cgroup v2 memory.min in bytes for Guaranteed pods.',
      registers,
    })
    this.#memoryLow = new Gauge({
      name: 'kubelet_memory_qos_node_memory_low_bytes',
      help: 'Total cgroup v2 memory.low in bytes for Burstable pods.',
      registers,
    })
    this.#gauges(conditions)
    if (cgroups !== undefined) this.#cgroupVersion(cgroups)
    this.#zero()
  }

  /** A resize was asked for: the spec has other sizes than before. */
  requested(before: PodSpec, after: PodSpec): void {
    for (const operation of resizeOperations(before, after)) this.#requested.inc({ ...operation })
  }

  /** An attempt to carry out a resize is over. */
  actuated(milliseconds: number, success: boolean): void {
    this.#duration.observe({ success: String(success) }, milliseconds)
  }

  infeasible(detail: InfeasibleDetail): void {
    this.#infeasible.inc({ reason_detail: detail })
  }

  deferredAccepted(trigger: RetryTrigger): void {
    this.#accepted.inc({ retry_trigger: trigger })
  }

  /** The memory of the node's pods that is protected by tiers (Kubernetes 1.36). */
  memoryProtected({ guaranteed, burstable }: MemoryRequests): void {
    this.#memoryMin.set(guaranteed)
    this.#memoryLow.set(burstable)
  }

  #gauges(conditions: () => Iterable<readonly PodCondition[]>): void {
    const pending = new Gauge({
      name: 'kubelet_pod_pending_resizes',
      help: 'Number of pending resizes for pods.',
      labelNames: ['reason'],
      registers: [],
      collect() {
        const reasons = [...conditions()].map((all) => conditionOf(all, pendingType)?.reason)
        for (const reason of ['Deferred', 'Infeasible']) {
          const count = reasons.filter((one) => one === reason).length
          this.set({ reason: reason.toLowerCase() }, count)
        }
      },
    })
    const inProgress = new Gauge({
      name: 'kubelet_pod_in_progress_resizes',
      help: 'Number of in-progress resizes for pods.',
      registers: [],
      collect() {
        const all = [...conditions()]
        this.set(all.filter((one) => conditionOf(one, inProgressType) !== undefined).length)
      },
    })
    this.registry.registerMetric(pending)
    this.registry.registerMetric(inProgress)
  }

  #cgroupVersion(version: CgroupVersion): void {
    const gauge = new Gauge({
      name: 'kubelet_cgroup_version',
      help: 'cgroup version on the hosts.',
      registers: [this.registry],
    })
    gauge.set(version === 'v1' ? 1 : 2)
  }

  #zero(): void {
    for (const resource of resizeResources) {
      for (const requirement of resizeRequirements) {
        for (const operation of resizeKinds) {
          this.#requested.inc({ resource, requirement, operation }, 0)
        }
      }
    }
    for (const success of ['true', 'false']) this.#duration.zero({ success })
    for (const detail of infeasibleDetails) this.#infeasible.inc({ reason_detail: detail }, 0)
    for (const trigger of retryTriggers) this.#accepted.inc({ retry_trigger: trigger }, 0)
  }
}
