import type { ResourceRequirements } from '../../domain/pod.ts'
import type { Allocation } from '../../domain/resources/pod-resources.ts'
import { sameResources } from '../../domain/resize/same-resources.ts'

type ByContainer = Readonly<Record<string, ResourceRequirements>>

/** Whether two allocations give every container, and the pod, the same by value. */
export function sameAllocation(a: Allocation, b: Allocation): boolean {
  return (
    sameContainers(a.containers, b.containers) &&
    sameContainers(a.initContainers, b.initContainers) &&
    sameResources(a.pod, b.pod)
  )
}

function sameContainers(a: ByContainer, b: ByContainer): boolean {
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length && names.every((name) => sameResources(a[name], b[name]))
  )
}
