import type { KubeVersion } from '../../domain/kube-version.ts'
import type { Pod } from '../../domain/pod.ts'
import type { CgroupLook } from '../cgroups/cgroup-look.ts'
import type { NodeSight } from '../cluster/cluster-facts.ts'
import type { EventsSight } from '../cluster/pod-events.ts'
import type { Moment } from './patch-moments.ts'

/** What was seen of a pod that may wait, at one moment. */
export interface WaitPicture {
  readonly pod: Pod
  readonly look: CgroupLook
  readonly node: NodeSight
  readonly events: EventsSight
  /** When podfit itself asked for a size of the pod, by its journals. @default never */
  readonly asked?: readonly Moment[]
  readonly version: KubeVersion
}
