import type { DriftMode } from '../domain/cgroup/drift.ts'
import type { MemoryReservation } from '../domain/cgroup/memory-qos.ts'
import type { SwapBehavior } from '../domain/cgroup/swap.ts'
import type { LogRotationPolicy } from '../domain/lifecycle/log-rotation.ts'
import type { ActuationMode } from '../domain/resize/actuation/actuation-mode.ts'

/** What may be chosen of how a node treats its pods. */
export interface NodePolicies {
  /** Protects the memory of requests and throttles near limits, on cgroup v2 (KEP-2570). @default off */
  readonly memoryQos?: MemoryReservation
  /** @default 'NoSwap' */
  readonly swapBehavior?: SwapBehavior
  /** Who gives running containers their size. @default 'runtime' */
  readonly actuation?: ActuationMode
  /** What becomes of cgroup values and statuses that others change. @default 'restore' */
  readonly onDrift?: DriftMode
  /** How much of containers' output is kept. @default Kubernetes' */
  readonly logRotation?: LogRotationPolicy
}
