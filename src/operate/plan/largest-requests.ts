import type { Pod, PodSpec } from '../../domain/pod.ts'
import type { Room } from '../../domain/resize/admission/forecast.ts'
import { amountsIn, amountsOf } from '../../domain/resize/admission/node-usage.ts'
import { resourcesAt, type PodPart } from '../pod-part.ts'

/**
 * The most that a part of `pod` may request now, everything else left as it is, in millicores
 * and bytes: of a container what the node has left, less what the others of its pod hold. Under
 * a request of the pod itself it is what that leaves, whatever the node has.
 */
export function largestRequests(pod: Pod, part: PodPart, room: Room): Room {
  const own = amountsIn(resourcesAt(pod, part)?.requests ?? {})
  const ofPod = amountsIn(pod.spec.resources?.requests ?? {})
  const overhead = amountsIn(pod.spec.overhead ?? {})
  const containers = amountsOf(containersAlone(pod.spec))
  const largest = (resource: 'cpu' | 'memory'): number => {
    const free = room[resource] - (overhead[resource] ?? 0)
    if (part === undefined) return free
    const others = (containers[resource] ?? 0) - (own[resource] ?? 0)
    return (ofPod[resource] ?? free) - others
  }
  return { cpu: Math.max(0, largest('cpu')), memory: Math.max(0, largest('memory')) }
}

/** What the containers ask for together. */
function containersAlone({ resources: _podLevel, overhead: _overhead, ...spec }: PodSpec): PodSpec {
  return spec
}
