import type { Pod } from '../../domain/pod.ts'
import { allocationOf } from '../../domain/resources/pod-resources.ts'
import type { NodeContext } from '../node-context.ts'
import { sameAllocation } from './same-allocation.ts'

/**
 * Whether the sizes are still those that the node has promised. What takes long asks it in
 * between: another resize may have been admitted meanwhile.
 *
 * @param pod with the allocated resources in its spec.
 */
export function isStillPromised(
  { checkpoint }: Pick<NodeContext, 'checkpoint'>,
  { metadata, spec }: Pod,
): boolean {
  const allocation = checkpoint.allocated(metadata.uid ?? '')
  return allocation !== undefined && sameAllocation(allocation, allocationOf(spec))
}

/** Whether the pod is to end, or is no longer known. */
export function isLeaving({ pods }: Pick<NodeContext, 'pods'>, { metadata }: Pod): boolean {
  const pod = pods.get(metadata.uid ?? '')
  return pod === undefined || pod.metadata.deletionTimestamp !== undefined
}
