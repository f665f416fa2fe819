import type { CgroupDriver } from '../domain/cgroup/names.ts'
import type { ResourceList } from '../domain/pod.ts'
import type { KubeVersion } from '../domain/kube-version.ts'
import type { Api, EventSink } from './api/api.ts'
import type { Cgroups } from './cgroups/cgroups.ts'
import type { OnStep } from './as-step.ts'
import type { OomScores } from './containers/follow-oom-score.ts'
import type { Machine } from './registration/machine.ts'
import type { HostPorts } from './node-context.ts'
import type { NodePolicies } from './node-policies.ts'
import type { ObjectSource } from './api/referenced-objects.ts'
import type { ContainerRuntime } from './runtime/container-runtime.ts'
import type { Units } from './cgroups/slices.ts'

/** What a node agent is made with: whom it asks, where things are, and how it is to act. */
export interface NodeAgentOptions {
  readonly api: Api
  readonly events: EventSink
  readonly runtime: ContainerRuntime
  readonly cgroups: Cgroups
  readonly oomScores: OomScores
  readonly cgroupRoot: string
  readonly cgroupDriver: CgroupDriver
  /** systemd, where that is the driver. */
  readonly units?: Units
  readonly machine: Machine
  readonly allocatable: ResourceList
  readonly checkpointFile: string
  readonly podsDir: string
  /** Where seccomp profiles of type `Localhost` are. */
  readonly seccompDir: string
  readonly objects: ObjectSource
  readonly hostPorts: HostPorts
  /** Where pods find the API. @default nowhere */
  readonly apiForPods?: { readonly host: string; readonly port: number }
  readonly podLogs: string
  readonly instance: string
  /** As the runtime names itself: `containerd`. */
  readonly runtimeName: string
  readonly version: KubeVersion
  readonly policies: NodePolicies
  readonly onStep: OnStep
  readonly onError: (message: string, error: unknown) => void
}
