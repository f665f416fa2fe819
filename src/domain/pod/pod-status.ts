import type { ResourceList, ResourceRequirements } from './resource-requirements.ts'

export interface ContainerStateWaiting {
  readonly reason?: string
  readonly message?: string
}

export interface ContainerStateRunning {
  readonly startedAt?: string
}

export interface ContainerStateTerminated {
  readonly exitCode: number
  readonly signal?: number
  readonly reason?: string
  readonly message?: string
  readonly startedAt?: string
  readonly finishedAt?: string
  readonly containerID?: string
}

/** At most one of the three is set; none means waiting. */
export interface ContainerState {
  readonly waiting?: ContainerStateWaiting
  readonly running?: ContainerStateRunning
  readonly terminated?: ContainerStateTerminated
}

export interface ContainerStatus {
  readonly name: string
  readonly ready: boolean
  readonly started?: boolean
  readonly restartCount: number
  readonly image: string
  readonly imageID: string
  readonly containerID?: string
  readonly state?: ContainerState
  readonly lastState?: ContainerState
  /** What the node has admitted: the allocated requests. */
  readonly allocatedResources?: ResourceList
  /** What the container really has. */
  readonly resources?: ResourceRequirements
}

export interface PodCondition {
  readonly type: string
  readonly status: string
  readonly reason?: string
  readonly message?: string
  readonly lastProbeTime?: string | null
  readonly lastTransitionTime?: string | null
  /** The generation of the spec that the condition is about. */
  readonly observedGeneration?: number
}

export interface PodStatus {
  readonly phase?: string
  readonly reason?: string
  readonly message?: string
  readonly observedGeneration?: number
  readonly qosClass?: string
  readonly nominatedNodeName?: string
  readonly startTime?: string
  readonly hostIP?: string
  readonly hostIPs?: readonly { readonly ip: string }[]
  readonly podIP?: string
  readonly podIPs?: readonly { readonly ip: string }[]
  readonly conditions?: readonly PodCondition[]
  readonly containerStatuses?: readonly ContainerStatus[]
  readonly initContainerStatuses?: readonly ContainerStatus[]
  readonly resources?: ResourceRequirements
  readonly allocatedResources?: ResourceList
  /** Kubernetes 1.27 to 1.32: `Proposed`, `InProgress`, `Deferred` or `Infeasible`. */
  readonly resize?: string
  /** Claims that take from the node's own CPU and memory (Kubernetes 1.36+). */
  readonly nodeAllocatableResourceClaimStatuses?: readonly unknown[]
}
