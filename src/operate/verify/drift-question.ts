import type { Pod } from '../../domain/pod.ts'
import type { ResizeState } from '../../domain/resize/reporting/state.ts'
import type { CgroupLook } from '../cgroups/cgroup-look.ts'
import type { CgroupReport, ContainerReport } from '../cgroups/layered-value.ts'
import type { KubeletSight } from '../cluster/kubelet-policies.ts'
import type { HeldSizes } from '../held-size.ts'

/** What is known of a pod and its cgroups when it is asked what is not as it should be. */
export interface DriftQuestion {
  readonly pod: Pod
  readonly look: CgroupLook
  readonly resize: ResizeState
  readonly held: HeldSizes
  /** How the node's kubelet is configured, where that is known. */
  readonly kubelet?: KubeletSight | undefined
  readonly containers: readonly ContainerReport[]
  readonly podCgroup: CgroupReport
}
