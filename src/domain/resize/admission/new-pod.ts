import { takenPort } from '../../host-ports.ts'
import { type NodeOffer, type NodeRefusal, nodeRefusal } from './node-refusal.ts'
import type { Pod } from '../../pod.ts'
import { fitsNode, type NodeFacts, type Shortage } from './admission.ts'

export type NewPodAdmission =
  | { readonly kind: 'admitted' }
  /** There is room as soon as others have shrunk to what they were promised. */
  | { readonly kind: 'waits' }
  /** Never, unless lesser pods make room. */
  | ({ readonly kind: 'short'; readonly shortages: readonly Shortage[] } & NodeRefusal)
  /** Never. */
  | ({ readonly kind: 'rejected' } & NodeRefusal)

/**
 * Whether a node takes a pod that was just bound to it.
 *
 * A kubelet turns a pod away whose room others still hold beyond their promise. The
 * scheduler cannot see that: between a resize and the first status after it, it counts what
 * the other pod has asked for (kubernetes#126891). Such a pod waits here.
 *
 * @param others the other pods of the node: their specs with the allocated resources, and their status.
 * @see kubelet's GeneralPredicates.
 */
export function admitNewPod(
  pod: Pod,
  others: readonly Pod[],
  node: Pick<NodeFacts, 'allocatable'> & NodeOffer,
): NewPodAdmission {
  const refused = nodeRefusal(pod.spec, node)
  if (refused !== undefined) return { kind: 'rejected', ...refused }
  const taken = takenPort(pod, others)
  if (taken !== undefined) {
    return { kind: 'rejected', reason: 'NodePorts', message: portTaken(taken) }
  }
  const now = fitsNode(pod, others, node)
  if (now.kind === 'fits') return { kind: 'admitted' }
  const later = fitsNode(pod, others.map(asPromised), node)
  if (later.kind === 'fits') return { kind: 'waits' }
  const { rawReason: reason, message, shortages } = now
  return { kind: 'short', reason, message, shortages }
}

/** The pod as if it had what it was promised, and no more. */
function asPromised({ metadata, spec, status }: Pod): Pod {
  const { phase } = status ?? {}
  return { metadata, spec, ...(phase !== undefined && { status: { phase } }) }
}

/** @see kubelet's GeneralPredicates, whose message has the first three words only. */
function portTaken({ port, by }: NonNullable<ReturnType<typeof takenPort>>): string {
  const { namespace = 'default', name } = by.metadata
  return `Predicate NodePorts failed: host port ${port.hostPort}/${port.protocol ?? 'TCP'} is taken by pod ${namespace}/${name}`
}
