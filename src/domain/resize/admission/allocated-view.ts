import type {
  Container,
  ContainerStatus,
  Pod,
  ResourceList,
  ResourceRequirements,
} from '../../pod.ts'
import { formatQuantity, parseQuantity, subtractQuantity } from '../../quantity/quantity.ts'

/**
 * The pod as its node has admitted it, as far as any API client can tell: requests
 * are those that the status calls allocated, so that a resize that still waits does
 * not count with what it asks for. What the status does not name is the spec's.
 *
 * @see KEP-1287: the node admits against the allocated resources of other pods.
 */
export function allocatedView(pod: Pod): Pod {
  const { spec, status } = pod
  const view = (
    containers: readonly Container[],
    statuses: readonly ContainerStatus[] | undefined,
  ): readonly Container[] =>
    containers.map((container) => {
      const allocated = statuses?.find(({ name }) => name === container.name)?.allocatedResources
      if (allocated === undefined) return container
      return { ...container, resources: { ...container.resources, requests: allocated } }
    })
  return {
    ...pod,
    spec: {
      ...spec,
      containers: view(spec.containers, status?.containerStatuses),
      ...(spec.initContainers === undefined
        ? {}
        : { initContainers: view(spec.initContainers, status?.initContainerStatuses) }),
      ...(spec.resources && { resources: podLevelView(pod, spec.resources) }),
    },
  }
}

/** The status has a value for every resource of the pod, the overhead included (Kubernetes 1.36). */
function podLevelView({ spec, status }: Pod, resources: ResourceRequirements) {
  const { requests } = resources
  const allocated = status?.allocatedResources
  if (requests === undefined || allocated === undefined) return resources
  const own = Object.entries(requests).map(([name, asked]) => [
    name,
    withoutOverhead(allocated[name] ?? asked, allocated[name] && spec.overhead?.[name]),
  ])
  return { ...resources, requests: Object.fromEntries(own) as ResourceList }
}

function withoutOverhead(amount: string, overhead: string | undefined): string {
  const [all, more] = [parseQuantity(amount), parseQuantity(overhead ?? '')]
  return all && more ? formatQuantity(subtractQuantity(all, more)) : amount
}
