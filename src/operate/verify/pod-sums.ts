import { qosKnobs, type CgroupKnobs } from '../../domain/cgroup/knobs.ts'
import {
  memoryRequestOf,
  memoryTogether,
  type MemoryRequests,
} from '../../domain/cgroup/memory-qos.ts'
import type { Pod } from '../../domain/pod.ts'
import { allocatedView } from '../../domain/resize/admission/allocated-view.ts'
import { isActive } from '../../domain/resize/admission/node-usage.ts'
import { resizeState } from '../../domain/resize/reporting/state.ts'
import type { NodePicture } from '../cluster/cluster-facts.ts'

/** What the pods of a node were promised together: what a kubelet writes above them. */
export interface PodSums {
  readonly burstable: CgroupKnobs
  readonly memory: MemoryRequests
}

// One picture of a node is looked at for each of its pods.
const known = new WeakMap<NodePicture, PodSums | 'notNow'>()

/** The sums of the node's pods; undefined while pods come, go and change: then they are on their way. */
export function sumsAtRest(node: NodePicture): PodSums | undefined {
  const before = known.get(node)
  if (before !== undefined) return before === 'notNow' ? undefined : before
  const pods = node.pods.filter(isActive)
  const sums = pods.every(isAtRest) ? sumsOf(pods) : undefined
  known.set(node, sums ?? 'notNow')
  return sums
}

function sumsOf(pods: readonly Pod[]): PodSums {
  const specs = pods.map((pod) => allocatedView(pod).spec)
  return {
    burstable: qosKnobs('Burstable', specs),
    memory: memoryTogether(specs.map(memoryRequestOf)),
  }
}

function isAtRest(pod: Pod): boolean {
  return (
    pod.metadata.deletionTimestamp === undefined &&
    hasCgroup(pod) &&
    ['settled', 'deferred', 'infeasible'].includes(resizeState(pod).kind)
  )
}

/** What containers wait for before a kubelet has made the cgroup of their pod, and after. */
const early: ReadonlySet<string> = new Set(['ContainerCreating', 'PodInitializing'])

/**
 * Whether the pod surely has its cgroup: a container has run, or waits for what comes after that,
 * which may be long: an image that cannot be pulled.
 *
 * @see Kubernetes pkg/kubelet/kubelet.go, SyncPod
 */
function hasCgroup({ status = {} }: Pod): boolean {
  const all = [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])]
  return all.some(({ state: { waiting, running, terminated } = {} }) => {
    const isLate = waiting?.reason !== undefined && !early.has(waiting.reason)
    return isLate || running !== undefined || terminated !== undefined
  })
}
