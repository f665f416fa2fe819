import type { Pod } from '../../domain/pod.ts'
import { killContainer, type KillOrder } from './kill-container.ts'
import type { NodeContext } from '../node-context.ts'

/**
 * Stops a container so that it starts anew by the ordinary way, whatever the restart policy
 * makes of its exit.
 *
 * Its mark is written before, since podfit or the runtime may die in between, and the stop may
 * then reach the container or not: from then on a marked container that runs is one to be
 * stopped (`containerUpdates`), even if the reason is gone. Only where nothing can have
 * reached it, in this try and before, it may go on, and the mark goes: else it would start
 * again when it has done its work.
 */
export async function restartContainer(
  context: NodeContext,
  pod: Pod,
  order: KillOrder,
): Promise<void> {
  const { checkpoint } = context
  const uid = pod.metadata.uid ?? ''
  const isFirst = !checkpoint.restarting(uid).has(order.containerId)
  const isHooked = order.container.lifecycle?.preStop !== undefined
  checkpoint.markRestarting(uid, order.containerId)
  await killContainer(context, pod, order).catch((error: unknown) => {
    if (isFirst && !isHooked && wasNotSent(error)) checkpoint.unmarkRestarting(order.containerId)
    throw error
  })
}

/** Whether the runtime was not there to hear of it. */
function wasNotSent(error: unknown): boolean {
  return error instanceof Error && 'sent' in error && error.sent === false
}
