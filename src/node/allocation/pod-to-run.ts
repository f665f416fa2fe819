import type { Pod } from '../../domain/pod.ts'
import { isOver } from '../../domain/pod/is-over.ts'
import type { NodeContext } from '../node-context.ts'

type Known = Pick<NodeContext, 'pods' | 'checkpoint'>

/** The pod with its allocated sizes, which it holds until it has ended; undefined if it has none. */
export function promisedPod({ pods, checkpoint }: Known, uid: string): Pod | undefined {
  const pod = pods.get(uid)
  const allocation = checkpoint.allocated(uid)
  if (pod === undefined || allocation === undefined || isOver(pods.status(uid))) return undefined
  return pods.allocatedCopy(pod, allocation)
}

/** The same of a pod that nobody deletes: it is to run. */
export function podToRun(known: Known, uid: string): Pod | undefined {
  const pod = promisedPod(known, uid)
  return pod?.metadata.deletionTimestamp === undefined ? pod : undefined
}
