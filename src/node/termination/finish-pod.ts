import type { Pod } from '../../domain/pod.ts'
import { isOver } from '../../domain/pod/is-over.ts'
import type { NodeContext } from '../node-context.ts'
import type { NextRun } from '../pod-workers.ts'
import { reportStatus, type StatusFacts } from '../reporting/report-status.ts'
import { endPod } from './end-pod.ts'

/**
 * Ends what still runs of a pod that is done or has failed, with its grace, and tells of it. The
 * run after that takes away what it needs no more.
 */
export async function finishPod(
  context: NodeContext,
  pod: Pod,
  facts: StatusFacts = {},
): Promise<NextRun> {
  await endPod(context, pod, pod.spec.terminationGracePeriodSeconds ?? 30)
  reportStatus(context, pod, facts)
  return isOver(context.pods.status(pod.metadata.uid ?? '')) ? { afterMs: 0 } : {}
}
