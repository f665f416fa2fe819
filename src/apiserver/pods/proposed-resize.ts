import type { Container, Pod } from '../../domain/pod.ts'
import { atLeast, type KubeVersion } from '../../domain/kube-version.ts'
import { sameList, sameResources } from '../../domain/resize/same-resources.ts'

/**
 * The pod with `status.resize: Proposed` if a resize is asked for: up to Kubernetes 1.32 the
 * API server says so, and the node takes it from there. Up to 1.31 that means other requests
 * than the node has allocated.
 *
 * @see Kubernetes pkg/api/pod/util.go, MarkPodProposedForResize
 */
export function withProposedResize(old: Pod, next: Pod, version: KubeVersion): Pod {
  const proposed = next.spec.containers.some((container, index) => {
    if (sameResources(old.spec.containers[index]?.resources, container.resources)) return false
    return atLeast(version, '1.32') || differsFromAllocated(next, container)
  })
  return proposed ? { ...next, status: { ...next.status, resize: 'Proposed' } } : next
}

function differsFromAllocated({ status }: Pod, { name, resources }: Container): boolean {
  const found = status?.containerStatuses?.find((one) => one.name === name)
  if (resources?.requests === undefined || found === undefined) return false
  return !sameList(resources.requests, found.allocatedResources)
}
