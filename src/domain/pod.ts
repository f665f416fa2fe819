import type { EnvFromSource, EnvVarSource } from './env-source.ts'
import type { Lifecycle, Probe } from './probe/probe.ts'
import type { ContainerSecurityContext, PodSecurityContext } from './security-context.ts'
import type { Volume, VolumeMount } from './volume.ts'

export type { ContainerSecurityContext } from './security-context.ts'
export type { Volume, VolumeMount } from './volume.ts'

/**
 * The parts of Kubernetes' core/v1 Pod that podfit reads or writes. Fields that
 * are not named here pass through untouched: an object is always copied whole
 * and changed in place of the copy, never rebuilt from these types.
 */

/** Who wrote some of an object's fields, and when. */
export interface ManagedFields {
  readonly manager?: string
  /** RFC 3339. */
  readonly time?: string
  readonly subresource?: string
  readonly fieldsV1?: object
}

export interface ObjectMeta {
  readonly name: string
  readonly namespace?: string
  readonly uid?: string
  readonly resourceVersion?: string
  /** Counts changes of the spec: 1 at creation (Kubernetes 1.33+). */
  readonly generation?: number
  readonly creationTimestamp?: string
  readonly deletionTimestamp?: string
  readonly deletionGracePeriodSeconds?: number
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly finalizers?: readonly string[]
  readonly managedFields?: readonly ManagedFields[]
  readonly ownerReferences?: readonly Readonly<Record<string, unknown>>[]
}

/** Quantities as text by resource name: `{ cpu: '500m', memory: '1Gi' }`. */
export type ResourceList = Readonly<Record<string, string>>

export interface ResourceRequirements {
  readonly requests?: ResourceList
  readonly limits?: ResourceList
  readonly claims?: readonly Readonly<Record<string, unknown>>[]
}

export interface ContainerResizePolicy {
  readonly resourceName: string
  readonly restartPolicy: string
}

export interface EnvVar {
  readonly name: string
  readonly value?: string
  readonly valueFrom?: EnvVarSource
}

export interface ContainerPort {
  readonly name?: string
  readonly containerPort: number
  readonly hostPort?: number
  readonly hostIP?: string
  readonly protocol?: string
}

export interface RestartRule {
  /** `Restart` */
  readonly action: string
  readonly exitCodes?: {
    /** `In` or `NotIn` */
    readonly operator: string
    readonly values?: readonly number[]
  }
}

export interface Container {
  readonly name: string
  readonly image?: string
  readonly imagePullPolicy?: string
  readonly command?: readonly string[]
  readonly args?: readonly string[]
  readonly workingDir?: string
  readonly env?: readonly EnvVar[]
  readonly envFrom?: readonly EnvFromSource[]
  readonly ports?: readonly ContainerPort[]
  readonly volumeMounts?: readonly VolumeMount[]
  readonly securityContext?: ContainerSecurityContext
  readonly lifecycle?: Lifecycle
  readonly startupProbe?: Probe
  readonly readinessProbe?: Probe
  readonly livenessProbe?: Probe
  /** @default /dev/termination-log */
  readonly terminationMessagePath?: string
  /** `File`, or `FallbackToLogsOnError`. */
  readonly terminationMessagePolicy?: string
  readonly stdin?: boolean
  readonly stdinOnce?: boolean
  readonly tty?: boolean
  /** `Always` on an init container makes it a sidecar (Kubernetes 1.29+). */
  readonly restartPolicy?: string
  /** Exit codes after which it starts again whatever the policy says (KEP-5307). */
  readonly restartPolicyRules?: readonly RestartRule[]
  readonly resources?: ResourceRequirements
  readonly resizePolicy?: readonly ContainerResizePolicy[]
}

export interface PodDnsConfig {
  readonly nameservers?: readonly string[]
  readonly searches?: readonly string[]
  readonly options?: readonly { readonly name?: string; readonly value?: string }[]
}

export interface Toleration {
  /** None stands for every key; the operator must then be Exists. */
  readonly key?: string
  /** @default Equal */
  readonly operator?: string
  readonly value?: string
  /** None stands for every effect. */
  readonly effect?: string
  readonly tolerationSeconds?: number
}

/** `key operator values`, asked of a node's labels or fields. */
export interface NodeSelectorRequirement {
  readonly key: string
  readonly operator: string
  readonly values?: readonly string[]
}

/** All of it must hold; a term that asks nothing holds nowhere. */
export interface NodeSelectorTerm {
  readonly matchExpressions?: readonly NodeSelectorRequirement[]
  readonly matchFields?: readonly NodeSelectorRequirement[]
}

export interface NodeAffinity {
  readonly requiredDuringSchedulingIgnoredDuringExecution?: {
    readonly nodeSelectorTerms: readonly NodeSelectorTerm[]
  }
}

/** Which objects are meant, by their labels; an empty one means all. */
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>
  readonly matchExpressions?: readonly NodeSelectorRequirement[]
}

/** Pods near which another one wants to be, or not. */
export interface PodAffinityTerm {
  /** None means no pod at all. */
  readonly labelSelector?: LabelSelector
  /** @default the pod's own */
  readonly namespaces?: readonly string[]
  readonly namespaceSelector?: LabelSelector
  /** Near are nodes that have the same value of this label. */
  readonly topologyKey: string
}

export interface PodAffinity {
  readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly PodAffinityTerm[]
}

export interface Affinity {
  readonly nodeAffinity?: NodeAffinity
  readonly podAffinity?: PodAffinity
  readonly podAntiAffinity?: PodAffinity
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

export interface Pod {
  readonly apiVersion?: string
  readonly kind?: string
  readonly metadata: ObjectMeta
  readonly spec: PodSpec
  readonly status?: PodStatus
}

/** Whether an init container keeps running beside the regular ones (KEP-753). */
export function isSidecar(container: Container): boolean {
  return container.restartPolicy === 'Always'
}

/** The pod's containers that have a size, in the order in which they start: init containers first. */
export function allContainers({ initContainers = [], containers }: PodSpec): readonly Container[] {
  return [...initContainers, ...containers]
}
