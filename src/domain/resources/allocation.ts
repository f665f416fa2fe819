import type { Container, PodSpec, ResourceRequirements } from '../pod.ts'

/** What a node has promised to a pod: the resources of each container, and of the pod itself if it has any. */
export interface Allocation {
  readonly containers: Readonly<Record<string, ResourceRequirements>>
  readonly initContainers: Readonly<Record<string, ResourceRequirements>>
  readonly pod?: ResourceRequirements
}

/** The resources of a spec, to be kept apart from it. */
export function allocationOf(spec: PodSpec): Allocation {
  return {
    containers: resourcesByName(spec.containers),
    initContainers: resourcesByName(spec.initContainers ?? []),
    ...(spec.resources && { pod: spec.resources }),
  }
}

function resourcesByName(
  containers: readonly Container[],
): Readonly<Record<string, ResourceRequirements>> {
  return Object.fromEntries(containers.map(({ name, resources }) => [name, resources ?? {}]))
}

/**
 * The spec with the allocated resources in place of the desired ones. A container that
 * the allocation does not know keeps what it has.
 */
export function withAllocated(spec: PodSpec, allocated: Allocation): PodSpec {
  const { resources: _desired, initContainers, ...rest } = spec
  return {
    ...rest,
    containers: spec.containers.map((one) => withResources(one, allocated.containers)),
    ...(initContainers && {
      initContainers: initContainers.map((one) => withResources(one, allocated.initContainers)),
    }),
    ...(allocated.pod && { resources: allocated.pod }),
  }
}

function withResources(
  container: Container,
  allocated: Readonly<Record<string, ResourceRequirements>>,
): Container {
  const resources = allocated[container.name]
  if (resources === undefined || resources === container.resources) return container
  if (!container.resources && Object.keys(resources).length === 0) return container
  return { ...container, resources }
}
