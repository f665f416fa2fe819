import { deadlineExceeded } from '../domain/lifecycle/deadline.ts'
import type { Pod } from '../domain/pod.ts'
import { isOver } from '../domain/pod/is-over.ts'
import { podOf } from './api/pod-event.ts'
import { untilDeadline, untilRenewal } from './next-due.ts'
import type { NodeContext } from './node-context.ts'
import type { NextRun } from './pod-workers.ts'
import { reportStatus } from './reporting/report-status.ts'
import { runPod } from './run-pod.ts'
import { endPod } from './termination/end-pod.ts'
import { finishPod } from './termination/finish-pod.ts'
import { removePod, stopPod } from './termination/stop-pod.ts'
import { terminatePod } from './termination/terminate-pod.ts'

/** A timer takes no more than 24 days. */
const longestWaitMs = 3_600_000

/**
 * Brings one pod to what it should be: reads the whole picture, decides, does,
 * reports. It never asks which event woke it. An error is for the worker to try
 * again; what was done until then is not undone and not repeated.
 */
export async function syncPod(context: NodeContext, uid: string): Promise<NextRun> {
  const pod = context.pods.get(uid)
  if (pod === undefined) return forget(context, uid)
  const allocation = context.checkpoint.allocated(uid)
  const allocated = allocation === undefined ? pod : context.pods.allocatedCopy(pod, allocation)
  if (pod.metadata.deletionTimestamp !== undefined) {
    await terminatePod(context, allocated, () => reportStatus(context, allocated))
    return {}
  }
  const rejection = context.allocator.rejection(uid)
  if (rejection !== undefined || isOver(context.pods.status(uid))) {
    context.probes.terminating(uid)
    await endPod(context, allocated, rejection?.graceSeconds ?? 0)
    context.probes.forget(uid)
    // What its volumes hold is of no use any more, and may be why it had to go.
    await context.volumes.empty(uid)
    await context.cgroups.pods.remove(uid)
    reportStatus(context, allocated)
    return {}
  }
  if (allocation === undefined) return {}
  if (untilDeadline(context, allocated) === 0) return failForDeadline(context, allocated)
  const { afterMs } = await runPod(context, allocated)
  const waits = [
    afterMs,
    untilDeadline(context, allocated),
    untilRenewal(context, allocated),
  ].filter((one) => one !== undefined)
  return waits.length === 0 ? {} : { afterMs: Math.min(...waits, longestWaitMs) }
}

async function failForDeadline(context: NodeContext, pod: Pod): Promise<NextRun> {
  const { reason, message } = deadlineExceeded
  context.probes.terminating(pod.metadata.uid ?? '')
  context.events.record({ pod: podOf(pod), type: 'Normal', reason, message })
  return finishPod(context, pod, { failed: deadlineExceeded })
}

/** A pod that the API does not have (any more): nothing of it may stay. */
async function forget(context: NodeContext, uid: string): Promise<NextRun> {
  await stopPod(context, uid, 0)
  await removePod(context, uid)
  return {}
}
