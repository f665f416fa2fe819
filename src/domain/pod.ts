import type { Container } from './pod/container.ts'
import type { ObjectMeta } from './pod/object-meta.ts'
import type { Affinity, Toleration } from './pod/placement.ts'
import type { PodStatus } from './pod/pod-status.ts'
import type { ResourceList, ResourceRequirements } from './pod/resource-requirements.ts'
import type { PodSecurityContext } from './pod/security-context.ts'
import type { Volume } from './pod/volume.ts'

export {
  type Container,
  type ContainerPort,
  type EnvVar,
  isSidecar,
  type RestartRule,
} from './pod/container.ts'
export type { ManagedFields, ObjectMeta } from './pod/object-meta.ts'
export type {
  Affinity,
  LabelSelector,
  NodeAffinity,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinity,
  PodAffinityTerm,
  Toleration,
} from './pod/placement.ts'
export type {
  ContainerState,
  ContainerStateRunning,
  ContainerStateTerminated,
  ContainerStateWaiting,
  ContainerStatus,
  PodCondition,
  PodStatus,
} from './pod/pod-status.ts'
export type {
  ContainerResizePolicy,
  ResourceList,
  ResourceRequirements,
} from './pod/resource-requirements.ts'
export type { ContainerSecurityContext } from './pod/security-context.ts'
export type { Volume, VolumeMount } from './pod/volume.ts'

/**
 * The parts of Kubernetes' core/v1 Pod that podfit reads or writes. Fields that
 * are not named here pass through untouched: an object is always copied whole
 * and changed in place of the copy, never rebuilt from these types.
 */

export interface PodDnsConfig {
  readonly nameservers?: readonly string[]
  readonly searches?: readonly string[]
  readonly options?: readonly { readonly name?: string; readonly value?: string }[]
}

export interface PodSpec {
  readonly containers: readonly Container[]
  readonly initContainers?: readonly Container[]
  readonly volumes?: readonly Volume[]
  readonly nodeName?: string
  readonly nodeSelector?: Readonly<Record<string, string>>
  readonly affinity?: Affinity
  readonly tolerations?: readonly Toleration[]
  readonly schedulerName?: string
  readonly schedulingGates?: readonly { readonly name: string }[]
  readonly restartPolicy?: string
  readonly terminationGracePeriodSeconds?: number
  readonly activeDeadlineSeconds?: number
  readonly serviceAccountName?: string
  readonly imagePullSecrets?: readonly { readonly name?: string }[]
  readonly dnsPolicy?: string
  readonly dnsConfig?: PodDnsConfig
  readonly hostAliases?: readonly { readonly ip: string; readonly hostnames?: readonly string[] }[]
  readonly subdomain?: string
  readonly hostPID?: boolean
  readonly hostIPC?: boolean
  /** False asks for a user namespace of the pod's own. @default true */
  readonly hostUsers?: boolean
  readonly shareProcessNamespace?: boolean
  readonly hostNetwork?: boolean
  readonly hostname?: string
  readonly os?: { readonly name: string }
  readonly priority?: number
  readonly priorityClassName?: string
  readonly runtimeClassName?: string
  readonly preemptionPolicy?: string
  readonly securityContext?: PodSecurityContext
  readonly overhead?: ResourceList
  readonly readinessGates?: readonly { readonly conditionType: string }[]
  /** Pod-level resources (KEP-2837). */
  readonly resources?: ResourceRequirements
}

export interface Pod {
  readonly apiVersion?: string
  readonly kind?: string
  readonly metadata: ObjectMeta
  readonly spec: PodSpec
  readonly status?: PodStatus
}

/** The pod's containers that have a size, in the order in which they start: init containers first. */
export function allContainers({ initContainers = [], containers }: PodSpec): readonly Container[] {
  return [...initContainers, ...containers]
}
