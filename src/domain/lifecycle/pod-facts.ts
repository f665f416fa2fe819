import type { ContainerStatus, PodCondition, PodSpec, PodStatus } from '../pod.ts'
import type { Instant } from './observed.ts'

/** What the status of a pod on this node is made of. */
export interface PodFacts {
  readonly spec: PodSpec
  /** What the API says now: fields this node does not own pass through. */
  readonly previous: PodStatus | undefined
  /** The conditions as the API has them, where others set readiness gates and their own. */
  readonly known?: readonly PodCondition[] | undefined
  readonly generation: number | undefined
  readonly containerStatuses: readonly ContainerStatus[]
  readonly initContainerStatuses: readonly ContainerStatus[]
  readonly sandboxReady: boolean
  readonly podIPs: readonly string[]
  readonly hostIP: string
  /** When this node first took the pod. */
  readonly startTime: Instant
  /** PodResizePending and PodResizeInProgress, already decided (domain/resize/conditions.ts). */
  readonly resizeConditions: readonly PodCondition[]
  /** Names of containers that the node stopped to start them again: they have not ended. */
  readonly restarting?: ReadonlySet<string>
  /** Set when the node has given the pod up: rejected at admission, evicted. */
  readonly failed?: { readonly reason: string; readonly message: string }
  readonly now: Instant
}
