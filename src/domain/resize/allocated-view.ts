import type { Container, ContainerStatus, Pod } from '../pod.ts'

/**
 * The pod as its node has admitted it, as far as any API client can tell: requests
 * are those that the status calls allocated, so that a resize that still waits does
 * not count with what it asks for. Containers without a status keep their spec's.
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
    },
  }
}
