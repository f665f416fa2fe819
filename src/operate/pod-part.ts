import type { Container, Pod, ResourceRequirements } from '../domain/pod.ts'
import { effectiveSize } from '../domain/resources/pod-resources.ts'
import { sameSize } from '../domain/resources/size.ts'
import { containerNamed, containersOf, type PodContainer } from './containers.ts'

/**
 * What of a pod has a size: a container, by its name, or, where that is undefined, the pod
 * itself (`spec.resources`, KEP-2837).
 */
export type PodPart = string | undefined

/** For people: `container app`, or `the pod itself`. */
export function partText(part: PodPart): string {
  return part === undefined ? 'the pod itself' : `container ${part}`
}

/** False only for a container that the pod does not have: a size of its own any pod may get. */
export function hasPart(pod: Pod, part: PodPart): boolean {
  return part === undefined || containerNamed(pod, part) !== undefined
}

export function resourcesAt(pod: Pod, part: PodPart): ResourceRequirements | undefined {
  return part === undefined ? pod.spec.resources : containerNamed(pod, part)?.spec.resources
}

/** The one container, or all of the pod. */
export function containersOfPart(pod: Pod, part: PodPart): readonly PodContainer[] {
  return containersOf(pod).filter(({ spec }) => part === undefined || spec.name === part)
}

/** The pod with other resources for one part; everything else is kept. */
export function withResources(pod: Pod, part: PodPart, resources: ResourceRequirements): Pod {
  if (part === undefined) return { ...pod, spec: { ...pod.spec, resources } }
  const changed = (containers: readonly Container[]) =>
    containers.map((container) =>
      container.name === part ? { ...container, resources } : container,
    )
  const { containers, initContainers } = pod.spec
  return {
    ...pod,
    spec: {
      ...pod.spec,
      containers: changed(containers),
      ...(initContainers === undefined ? {} : { initContainers: changed(initContainers) }),
    },
  }
}

/**
 * The containers that get another size by the change from `before` to `after`: also those that
 * have no limit of their own and go with the pod's.
 */
export function containersChanging(before: Pod, after: Pod): readonly string[] {
  return containersOf(before)
    .filter(({ spec }) => {
      const next = containerNamed(after, spec.name)?.spec
      const [from, to] = [effectiveSize(before.spec, spec), next && effectiveSize(after.spec, next)]
      return to !== undefined && !sameSize(from, to)
    })
    .map(({ spec }) => spec.name)
}
