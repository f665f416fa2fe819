import type { BackingOff } from '../domain/lifecycle/decide.ts'
import { deadlineExceeded } from '../domain/lifecycle/deadline.ts'
import { latestContainer } from '../domain/lifecycle/observed.ts'
import { allContainers, type Pod } from '../domain/pod.ts'
import { effectiveSize } from '../domain/pod-resources.ts'
import { sameSize } from '../domain/resources.ts'
import { isOver } from './api/desired-pods.ts'
import { carryOutResize, completeResize } from './actuation/carry-out-resize.ts'
import { decideNext } from './decide-next.ts'
import { endPod } from './termination/end-pod.ts'
import { killFailed } from './termination/kill-failed.ts'
import { untilDeadline, untilRenewal } from './next-due.ts'
import type { NodeContext } from './node-context.ts'
import { podOf, podText } from './api/pod-event.ts'
import type { NextRun } from './pod-workers.ts'
import { recoverActuated } from './actuation/recover-actuated.ts'
import { removeOldContainers } from './termination/remove-old-containers.ts'
import { removeOldSandboxes } from './termination/remove-old-sandboxes.ts'
import { reportStatus } from './reporting/report-status.ts'
import { podIPsOf, sourcesOf } from './containers/sources.ts'
import { isLeaving, isStillPromised } from './allocation/still-wanted.ts'
import type { StartError } from './start/start-error.ts'
import { SyncFailure } from './sync-failure.ts'
import { startContainers } from './start/start-containers.ts'
import { startSandbox } from './start/start-sandbox.ts'
import { removePod, stopPod } from './termination/stop-pod.ts'
import { terminatePod } from './termination/terminate-pod.ts'
import { VolumeError } from './volumes/volume-error.ts'

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
    await context.cgroups.removePod(uid)
    reportStatus(context, allocated)
    return {}
  }
  if (allocation === undefined) return {}
  if (untilDeadline(context, allocated) === 0) return failForDeadline(context, allocated)
  const { afterMs } = await run(context, allocated)
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
  await endPod(context, pod, pod.spec.terminationGracePeriodSeconds ?? 30)
  reportStatus(context, pod, { failed: deadlineExceeded })
  return tidyUpNext(context, pod)
}

/** The run after that of a pod that has ended takes away what it needs no more. */
function tidyUpNext({ pods }: NodeContext, { metadata }: Pod): NextRun {
  return isOver(pods.status(metadata.uid ?? '')) ? { afterMs: 0 } : {}
}

/** A pod that the API does not have (any more): nothing of it may stay. */
async function forget(context: NodeContext, uid: string): Promise<NextRun> {
  await stopPod(context, uid, 0)
  await removePod(context, uid)
  return {}
}

/** A container that keeps crashing starts at once with another size (kubelet: the size is in the back-off's key). */
function resetBackOffs(
  { checkpoint, observed, backOffs, startRetries }: NodeContext,
  { metadata, spec }: Pod,
): void {
  const uid = metadata.uid ?? ''
  const actuated = checkpoint.actuated(uid)
  for (const container of allContainers(spec)) {
    const last = actuated.get(container.name)
    if (last === undefined || sameSize(last, effectiveSize(spec, container))) continue
    startRetries.reset(uid, container.name)
    // One whose cgroup kept it from starting is there, and has not run.
    const runs = latestContainer(observed.get(uid), container.name)?.state === 'running'
    if (!runs) backOffs.reset(uid, container.name)
  }
}

async function run(context: NodeContext, pod: Pod): Promise<NextRun> {
  const uid = pod.metadata.uid ?? ''
  recoverActuated(context, pod)
  resetBackOffs(context, pod)
  await context.objects.follow(pod)
  await context.tokens.ensure(pod)
  context.probes.follow(pod, podIPsOf(context, pod)[0])
  await killFailed(context, pod)
  let decision = decideNext(context, pod)
  if (decision.kind === 'createSandbox') {
    const { attempt } = decision
    const runs = context.observed.get(uid).containers.some(({ state }) => state === 'running')
    // What starts has its size from the start, however long that takes.
    if (!runs && isStillPromised(context, pod)) completeResize(context, pod)
    reportStatus(context, pod)
    await context.startTurns
      .run(() => startSandbox(context, pod, attempt))
      .catch((error: unknown) => {
        tellFailedStart(context, pod, error)
        throw error
      })
    decision = decideNext(context, pod)
  }
  if (decision.kind === 'finished') {
    // Sidecars go on until now.
    await endPod(context, pod, pod.spec.terminationGracePeriodSeconds ?? 30)
    reportStatus(context, pod)
    return tidyUpNext(context, pod)
  }
  if (decision.kind === 'createSandbox') return { afterMs: 1000 }
  const resized = await carryOutResize(context, pod, decision.backingOff)
  // A stop takes its time: what the pod is to be may be something else by now.
  const isOld = resized.kind === 'notWanted' || !isStillPromised(context, pod)
  if (isOld || isLeaving(context, pod)) return { afterMs: 0 }
  // A container that was stopped for its new size is among those to start now.
  if (resized.kind === 'done' && resized.changed) decision = decideNext(context, pod)
  await context.volumes.refresh(sourcesOf(context, pod))
  if (decision.kind !== 'run') return { afterMs: 0 }
  const failures = await startContainers(context, pod, decision.starts)
  if (isLeaving(context, pod)) return { afterMs: 0 }
  const shown = new Map([...failures].map(([name, { failure }]) => [name, failure]))
  reportStatus(context, pod, { backingOff: decision.backingOff, failures: shown })
  tellBackOffs(context, pod, decision.backingOff)
  if (decision.starts.length > 0) await removeOldContainers(context, pod)
  if (resized.kind === 'failed') throw new SyncFailure(resized.message, resized.outlook)
  if ([...failures.values()].some(({ cgroup }) => !cgroup)) throw failedStarts(failures)
  if (decision.starts.length > 0) await removeOldSandboxes(context, uid)
  const now = context.now().getTime()
  const started = decision.starts.map(({ container }) => container.name)
  const retryMs = context.startRetries.nextMs(uid, started, now)
  // What comes after an init container or a sidecar was not among these starts.
  const isNext = retryMs === undefined && decision.starts.some(({ init }) => init)
  return isNext ? { afterMs: 0 } : nextRun(decision.backingOff, retryMs, now)
}

function tellBackOffs({ events }: NodeContext, pod: Pod, backingOff: readonly BackingOff[]): void {
  for (const { container } of backingOff) {
    const message = `Back-off restarting failed container ${container} in pod ${podText(pod)}`
    events.record({ pod: podOf(pod), container, type: 'Warning', reason: 'BackOff', message })
  }
}

/** Why the pod as a whole does not start, in the words a kubelet has for it. */
function tellFailedStart(context: NodeContext, pod: Pod, error: unknown): void {
  const text = error instanceof Error ? error.message : String(error)
  const [reason, message] =
    error instanceof VolumeError
      ? ['FailedMount', text]
      : ['FailedCreatePodSandBox', `Failed to create pod sandbox: ${text}`]
  context.events.record({ pod: podOf(pod), type: 'Warning', reason, message })
}

function failedStarts(failures: ReadonlyMap<string, StartError>): Error {
  return new Error([...failures.values()].map(({ failure }) => failure.message).join('; '))
}

function nextRun(
  backingOff: readonly BackingOff[],
  retryMs: number | undefined,
  now: number,
): NextRun {
  const waits = [retryMs ?? [], ...backingOff.map(({ until }) => Math.max(0, until - now))].flat()
  return waits.length === 0 ? {} : { afterMs: Math.min(...waits) }
}
