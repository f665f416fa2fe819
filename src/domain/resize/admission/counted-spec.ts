import {
  isSidecar,
  type Container,
  type ContainerStatus,
  type Pod,
  type PodSpec,
  type ResourceList,
} from '../../pod.ts'
import { compareQuantity, parseQuantity } from '../../quantity/quantity.ts'
import { conditionOf, pendingType } from '../conditions.ts'

/**
 * The pod's spec with the resources that count against its node and its quota: for each
 * container the most of what the spec says, what the node has allocated and what the
 * container really has. A resize that is Infeasible does not count with what it wanted.
 *
 * @see component-helpers/resource/helpers.go, PodRequests and PodLimits with UseStatusResources.
 */
export function countedSpec(pod: Pod): PodSpec {
  const { spec, status } = pod
  const pending = conditionOf(status?.conditions, pendingType)?.reason
  // Up to 1.32 there was a field for it.
  const infeasible = (pending ?? status?.resize) === 'Infeasible'
  const containers = spec.containers.map((container) =>
    counted(container, status?.containerStatuses, infeasible),
  )
  const initContainers = spec.initContainers?.map((container) =>
    isSidecar(container)
      ? counted(container, status?.initContainerStatuses, infeasible)
      : container,
  )
  const podLevel = spec.resources?.requests && {
    ...spec.resources,
    requests: onlyKeys(
      spec.resources.requests,
      most(
        infeasible && status?.resources ? {} : spec.resources.requests,
        status?.resources?.requests,
        status?.resources ? status.allocatedResources : undefined,
      ),
    ),
  }
  return {
    ...spec,
    containers,
    ...(initContainers ? { initContainers } : {}),
    ...(podLevel ? { resources: podLevel } : {}),
  }
}

function counted(
  container: Container,
  statuses: readonly ContainerStatus[] | undefined,
  infeasible: boolean,
): Container {
  const status = statuses?.find(({ name }) => name === container.name)
  if (!status?.resources) return container
  const wanted = infeasible ? undefined : container.resources
  const requests = most(wanted?.requests, status.resources.requests, status.allocatedResources)
  const limits = most(wanted?.limits, status.resources.limits)
  return { ...container, resources: { ...container.resources, requests, limits } }
}

function most(...lists: readonly (ResourceList | undefined)[]): ResourceList {
  const largest: Record<string, string> = {}
  for (const [name, text] of lists.flatMap((list) => Object.entries(list ?? {}))) {
    const before = largest[name]
    if (before === undefined || isMore(text, before)) largest[name] = text
  }
  return largest
}

function isMore(text: string, than: string): boolean {
  if (text === than) return false
  const a = parseQuantity(text)
  const b = parseQuantity(than)
  return a !== undefined && (b === undefined || compareQuantity(a, b) > 0)
}

// The status has values for every pod-level resource, also for those that the spec leaves
// to the containers.
function onlyKeys(keys: ResourceList, list: ResourceList): ResourceList {
  return Object.fromEntries(Object.entries(list).filter(([name]) => keys[name] !== undefined))
}
