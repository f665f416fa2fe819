import type { NodeContext } from './node-context.ts'

/** Forgets what the node has kept of a pod that is gone, so that the next of its name begins anew. */
export function forgetPod(context: NodeContext, uid: string): void {
  context.checkpoint.forget(uid)
  context.conditions.forget(uid)
  context.statuses.forget(uid)
  context.backOffs.forget(uid)
  context.startRetries.forget(uid)
  context.oomScoreRecord.forget(uid)
  context.objects.forget(uid)
  context.tokens.forget(uid)
  context.images.forget(uid)
  context.probes.forget(uid)
}
