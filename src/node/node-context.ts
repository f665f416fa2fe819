import type { ResourceList } from '../domain/pod.ts'
import type { MilliCpu, Bytes } from '../domain/units.ts'
import type { ActuationMode } from '../domain/resize/actuation/actuation-mode.ts'
import type { KubeVersion } from '../domain/kube-version.ts'
import type { Api, EventSink } from './api/api.ts'
import type { Allocator } from './allocation/allocator.ts'
import type { OnStep } from './as-step.ts'
import type { Checkpoint } from './checkpoint/checkpoint.ts'
import type { DesiredPods } from './api/desired-pods.ts'
import type { OomScores } from './containers/follow-oom-score.ts'
import type { ImagePuller } from './start/image-puller.ts'
import type { MemoryShrinker } from './cgroups/memory-shrinker.ts'
import type { NodeMetrics } from './reporting/node-metrics.ts'
import type { ObservedPods } from './runtime/observed-pods.ts'
import type { OomScoreRecord } from './containers/oom-score-record.ts'
import type { NodeCgroups } from './cgroups/node-cgroups.ts'
import type { PodProbes } from './probes/pod-probes.ts'
import type { ReferencedObjects } from './api/referenced-objects.ts'
import type { RuntimeTurns } from './runtime/runtime-turns.ts'
import type { ResizeConditions } from './reporting/resize-conditions.ts'
import type { RestartBackOffs } from './start/restart-back-offs.ts'
import type { ContainerRuntime } from './runtime/container-runtime.ts'
import type { SandboxUpdates } from './actuation/sandbox-updates.ts'
import type { ServiceAccountTokens } from './api/service-account-tokens.ts'
import type { StartRetries } from './start/start-retries.ts'
import type { StatusWriter } from './reporting/status-writer.ts'
import type { PodVolumes } from './volumes/pod-volumes.ts'

/** Ports of the node that lead to pods. */
export interface HostPorts {
  /** Why there are none. @default there are */
  readonly refusal?: string
  /** Called before a pod gets one; every time. */
  open(): Promise<void>
}

/** What every step of a pod's life on this node works with. */
export interface NodeContext {
  readonly api: Api
  readonly events: EventSink
  readonly runtime: ContainerRuntime
  readonly cgroups: NodeCgroups
  readonly sandboxUpdates: SandboxUpdates
  readonly shrinker: MemoryShrinker
  readonly oomScores: OomScores
  readonly oomScoreRecord: OomScoreRecord
  readonly checkpoint: Checkpoint
  readonly pods: DesiredPods
  readonly observed: ObservedPods
  readonly conditions: ResizeConditions
  readonly allocator: Allocator
  readonly statuses: StatusWriter
  readonly backOffs: RestartBackOffs
  readonly startRetries: StartRetries
  /** Lets a bounded number of pods start at once, so that the runtime answers resizes meanwhile. */
  readonly startTurns: RuntimeTurns
  /** The same for changes of running containers. */
  readonly resizeTurns: RuntimeTurns
  /** Called before and after each act that a crash may separate from its record. */
  readonly onStep: OnStep
  readonly machine: { readonly cpu: MilliCpu; readonly memory: Bytes; readonly address: string }
  readonly volumes: PodVolumes
  /** ConfigMaps and Secrets that pods here name. */
  readonly objects: ReferencedObjects
  readonly tokens: ServiceAccountTokens
  readonly images: ImagePuller
  readonly probes: PodProbes
  readonly hostPorts: HostPorts
  /** Where pods find the API. @default nowhere */
  readonly apiForPods?: { readonly host: string; readonly port: number }
  /** What this node has for pods. */
  readonly allocatable: ResourceList
  /** Where seccomp profiles of type `Localhost` are. */
  readonly seccompDir: string
  readonly podLogs: string
  /** Marks this podfit's containers in the runtime. */
  readonly instance: string
  /** As the runtime names itself: `containerd`. */
  readonly runtimeName: string
  /** The Kubernetes whose kubelet this node is like. */
  readonly version: KubeVersion
  /** Who gives running containers their size. */
  readonly actuation: ActuationMode
  readonly metrics: NodeMetrics
  readonly now: () => Date
}
