import type { Pod } from '../../domain/pod.ts'
import { sameResources } from '../../domain/resize/same-resources.ts'

/**
 * The pod with `status.resize: Proposed` if its containers' sizes change: up to
 * Kubernetes 1.32 the API server says that a resize was asked for, and the node
 * takes it from there.
 */
export function withProposedResize(old: Pod, next: Pod): Pod {
  const changed = next.spec.containers.some((container, index) => {
    return !sameResources(old.spec.containers[index]?.resources, container.resources)
  })
  return changed ? { ...next, status: { ...next.status, resize: 'Proposed' } } : next
}
