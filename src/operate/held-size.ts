import { type Pod, type ResourceList } from '../domain/pod.ts'
import { resourcesOf, sizeOf, type Size } from '../domain/resources/size.ts'
import { conditionOf, inProgressType } from '../domain/resize/conditions.ts'
import type { ResizeState } from '../domain/resize/reporting/state.ts'
import { allocatedView } from '../domain/resize/admission/allocated-view.ts'
import { containersOf, type PodContainer } from './containers.ts'
import { withResources } from './pod-part.ts'

/**
 * Which size the kernel should hold now, as far as the API tells. Between two sizes
 * (a resize is being carried out, or failed half-way) there is none to insist on.
 */
export type HeldSizes = 'desired' | 'granted' | 'inBetween'

/**
 * A settled pod holds what is asked for. A deferred or infeasible one holds what was granted
 * before. A status that differs without a word about a resize is no resize: then too the
 * desired size should hold.
 */
export function heldSizes(pod: Pod, resize: ResizeState): HeldSizes {
  switch (resize.kind) {
    case 'settled':
      return 'desired'
    case 'deferred':
    case 'infeasible':
      return resize.earlierInProgress ? 'inBetween' : 'granted'
    case 'inProgress': {
      const says = conditionOf(pod.status?.conditions, inProgressType) ?? pod.status?.resize
      return says === undefined ? 'desired' : 'inBetween'
    }
    case 'failed':
    case 'notYetObserved':
      return 'inBetween'
    default:
      return resize satisfies never
  }
}

/**
 * The API shows granted requests in full, granted limits only as what the node reports. Where
 * it reports nothing, the desired size is all there is.
 */
export function grantedSize({ spec, status }: PodContainer): Size {
  const { allocatedResources, resources } = status ?? {}
  if (allocatedResources === undefined && resources === undefined) return sizeOf(spec.resources)
  const requests = allocatedResources ?? resources?.requests
  return sizeOf({
    ...(requests === undefined ? {} : { requests }),
    ...(resources?.limits === undefined ? {} : { limits: resources.limits }),
  })
}

function heldSize(container: PodContainer, held: HeldSizes): Size {
  switch (held) {
    case 'desired':
      return sizeOf(container.spec.resources)
    case 'granted':
    case 'inBetween':
      return grantedSize(container)
    default:
      return held satisfies never
  }
}

/**
 * The same for the size that the pod has of its own: its requests are granted in full, of its
 * limits there is only what the node has read back from the pod's cgroup.
 */
export function grantedPodLevel(pod: Pod): Size {
  const { requests, limits } = allocatedView(pod).spec.resources ?? {}
  const shown = pod.status?.resources?.limits
  const actual = Object.entries(limits ?? {}).map(([name, asked]) => [name, shown?.[name] ?? asked])
  return sizeOf({
    ...(requests && { requests }),
    ...(limits && { limits: Object.fromEntries(actual) as ResourceList }),
  })
}

/** The pod with the sizes that its cgroups should hold instead of the desired ones. */
export function podAsHeld(pod: Pod, held: HeldSizes): Pod {
  if (held === 'desired') return pod
  const containers = containersOf(pod).reduce(
    (changed, container) =>
      withResources(changed, container.spec.name, resourcesOf(heldSize(container, held))),
    pod,
  )
  if (pod.spec.resources === undefined) return containers
  return withResources(containers, undefined, resourcesOf(grantedPodLevel(pod)))
}
