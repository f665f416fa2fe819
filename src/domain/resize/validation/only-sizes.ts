import type { Container, ResourceList } from '../../pod.ts'
import { withoutCpuAndMemory } from './changed-lists.ts'
import { atLeast, type KubeVersion } from '../../kube-version.ts'
import { sameList } from '../same-resources.ts'

/**
 * Whether everything of a container that is not CPU or memory stays the same, as far as
 * the release looks (1.33 and later). Only resources and resize policy are compared: a resize takes over
 * nothing else.
 */
export function changesOnlySizes(
  before: Container,
  after: Container,
  version: KubeVersion,
): boolean {
  return (
    sameRest(before.resources?.requests, after.resources?.requests, version) &&
    sameRest(before.resources?.limits, after.resources?.limits, version) &&
    // Kubernetes loses the new side's claims in this comparison, so that a container with
    // claims is never resizable.
    (before.resources?.claims ?? []).length === 0 &&
    (after.resources?.claims ?? []).length === 0 &&
    samePolicy(before, after)
  )
}

function sameRest(
  before: ResourceList | undefined,
  after: ResourceList | undefined,
  version: KubeVersion,
): boolean {
  // Until 1.34 a list that did not exist could be filled with anything (k8s#135084).
  if (Object.keys(before ?? {}).length === 0 && !atLeast(version, '1.35')) return true
  return sameList(withoutCpuAndMemory(before), withoutCpuAndMemory(after))
}

/** Whether two containers have the same resize policy, entry for entry. */
export function samePolicy(before: Container, after: Container): boolean {
  const a = before.resizePolicy ?? []
  const b = after.resizePolicy ?? []
  return (
    a.length === b.length &&
    a.every(
      ({ resourceName, restartPolicy }, index) =>
        b[index]?.resourceName === resourceName && b[index]?.restartPolicy === restartPolicy,
    )
  )
}
