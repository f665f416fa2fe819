import { deadlineOf } from '../domain/lifecycle/deadline.ts'
import type { Pod } from '../domain/pod.ts'
import { decideNext } from './decide-next.ts'
import type { NodeContext } from './node-context.ts'

const tokenRetryMs = 10_000

/** Milliseconds that the pod may still be active; undefined without a deadline. */
export function untilDeadline(
  { pods, now }: NodeContext,
  { metadata, spec }: Pod,
): number | undefined {
  const deadline = deadlineOf(spec, pods.status(metadata.uid ?? '')?.startTime)
  return deadline === undefined ? undefined : Math.max(0, deadline - now().getTime())
}

/** Milliseconds until the first of the pod's tokens is to be renewed; undefined without one. */
export function untilRenewal({ tokens, now }: NodeContext, { metadata }: Pod): number | undefined {
  const due = tokens.dueAt(metadata.uid ?? '')
  return due === undefined ? undefined : Math.max(tokenRetryMs, due - now().getTime())
}

/**
 * Milliseconds until something of a pod that is to run is due by the clock: its deadline, a
 * token, the end of a container's back-off. It does not wait for what failed to be tried again.
 *
 * @param pod with the allocated resources in its spec.
 */
export function untilNextDue(context: NodeContext, pod: Pod): number | undefined {
  const decision = decideNext(context, pod)
  const backingOff = decision.kind === 'run' ? decision.backingOff : []
  const now = context.now().getTime()
  const waits = [
    untilDeadline(context, pod),
    untilRenewal(context, pod),
    ...backingOff.map(({ until }) => until - now),
  ].filter((one) => one !== undefined)
  return waits.length === 0 ? undefined : Math.min(...waits)
}
