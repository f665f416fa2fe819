import type { Pod } from '../../domain/pod.ts'
import { isStatusCode, podPath } from '../api/api.ts'
import { asLongStep } from '../as-step.ts'
import { endPod } from './end-pod.ts'
import type { NodeContext } from '../node-context.ts'
import { removePod } from './stop-pod.ts'

/**
 * Ends a pod that the API is deleting: containers stopped with the pod's grace, its status
 * written before and after that, all traces removed, then the object itself.
 */
export async function terminatePod(
  context: NodeContext,
  pod: Pod,
  report: () => void,
): Promise<void> {
  const { metadata } = pod
  const uid = metadata.uid ?? ''
  context.probes.terminating(uid)
  tryReport(report)
  await endPod(context, pod, metadata.deletionGracePeriodSeconds ?? 30)
  report()
  await context.statuses.settled(uid)
  await removePod(context, uid)
  const options = { gracePeriodSeconds: 0, preconditions: { uid } }
  await asLongStep(context.onStep, 'node.delete', () =>
    context.api.delete(podPath(metadata), options).catch((error: unknown) => {
      // Gone already, or its name belongs to another pod by now.
      if (!isStatusCode(error, 404) && !isStatusCode(error, 409)) throw error
    }),
  )
}

/** What cannot be read of a pod that runs must not keep it from ending. */
function tryReport(report: () => void): void {
  try {
    report()
  } catch {
    // The report at the end reads less.
  }
}
