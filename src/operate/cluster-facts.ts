import type { Pod } from '../domain/pod.ts'
import type { NodeFacts } from '../domain/resize/admission.ts'
import type { KubeVersion } from '../domain/resize/kube-version.ts'

/** What is around a pod, for a verdict before a resize is asked for. */
export interface NodeNeighbourhood {
  readonly node: NodeFacts
  /** The other pods of the node, in any namespace. */
  readonly others: readonly Pod[]
}

/** A part of the cluster that this user may not see, or that is not there. */
export interface Unseen {
  readonly kind: 'unseen'
  readonly why: string
}

/** Reads what surrounds a pod. Calls throw only when no answer can be had at all. */
export interface ClusterFacts {
  version(signal: AbortSignal): Promise<KubeVersion>
  around(
    pod: Pod,
    signal: AbortSignal,
  ): Promise<{ readonly kind: 'seen'; readonly seen: NodeNeighbourhood } | Unseen>
}
