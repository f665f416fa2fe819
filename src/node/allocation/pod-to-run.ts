import type { Pod } from '../../domain/pod.ts'
import { isOver } from '../api/desired-pods.ts'
import type { NodeContext } from '../node-context.ts'

/** The pod with its allocated sizes; undefined unless it is to run. */
export function podToRun(
  { pods, checkpoint }: Pick<NodeContext, 'pods' | 'checkpoint'>,
  uid: string,
): Pod | undefined {
  const pod = pods.get(uid)
  const allocation = checkpoint.allocated(uid)
  if (pod === undefined || allocation === undefined) return undefined
  if (pod.metadata.deletionTimestamp !== undefined || isOver(pods.status(uid))) return undefined
  return pods.allocatedCopy(pod, allocation)
}
