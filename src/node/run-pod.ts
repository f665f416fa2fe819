import type { BackingOff, PodDecision } from '../domain/lifecycle/decide.ts'
import type { Pod } from '../domain/pod.ts'
import { carryOutResize, completeResize, type ResizeResult } from './actuation/carry-out-resize.ts'
import { recoverActuated } from './actuation/recover-actuated.ts'
import { isLeaving, isStillPromised } from './allocation/still-wanted.ts'
import { podIPsOf, sourcesOf } from './containers/sources.ts'
import { decideNext } from './decide-next.ts'
import type { NodeContext } from './node-context.ts'
import type { NextRun } from './pod-workers.ts'
import { reportStatus } from './reporting/report-status.ts'
import { resetBackOffs } from './start/reset-back-offs.ts'
import { startContainers } from './start/start-containers.ts'
import type { StartError } from './start/start-error.ts'
import { startSandbox } from './start/start-sandbox.ts'
import { tellBackOffs, tellFailedSandbox } from './start/tell-start.ts'
import { SyncFailure } from './sync-failure.ts'
import { finishPod } from './termination/finish-pod.ts'
import { killFailed } from './termination/kill-failed.ts'
import { removeOldContainers } from './termination/remove-old-containers.ts'
import { removeOldSandboxes } from './termination/remove-old-sandboxes.ts'

/**
 * Brings a pod that is to run a step nearer to that: its sandbox, its size, its containers.
 *
 * @param pod with the allocated resources in its spec.
 */
export async function runPod(context: NodeContext, pod: Pod): Promise<NextRun> {
  recoverActuated(context, pod)
  resetBackOffs(context, pod)
  await context.objects.follow(pod)
  await context.tokens.ensure(pod)
  context.probes.follow(pod, podIPsOf(context, pod)[0])
  await killFailed(context, pod)
  const decision = await withSandbox(context, pod)
  // Sidecars go on until now.
  if (decision.kind === 'finished') return finishPod(context, pod)
  if (decision.kind === 'createSandbox') return { afterMs: 1000 }
  const resized = await carryOutResize(context, pod, decision.backingOff)
  // A stop takes its time: what the pod is to be may be something else by now.
  const isOld = resized.kind === 'notWanted' || !isStillPromised(context, pod)
  if (isOld || isLeaving(context, pod)) return { afterMs: 0 }
  // A container that was stopped for its new size is among those to start now.
  const isChanged = resized.kind === 'done' && resized.changed
  const next = isChanged ? decideNext(context, pod) : decision
  await context.volumes.refresh(sourcesOf(context, pod))
  return next.kind === 'run' ? start(context, pod, next, resized) : { afterMs: 0 }
}

/** What is to be done in the pod's sandbox, which is made if there is none. */
async function withSandbox(context: NodeContext, pod: Pod): Promise<PodDecision> {
  const decision = decideNext(context, pod)
  if (decision.kind !== 'createSandbox') return decision
  const { containers } = context.observed.get(pod.metadata.uid ?? '')
  const runs = containers.some(({ state }) => state === 'running')
  // What starts has its size from the start, however long that takes.
  if (!runs && isStillPromised(context, pod)) completeResize(context, pod)
  reportStatus(context, pod)
  await context.startTurns
    .run(() => startSandbox(context, pod, decision.attempt))
    .catch((error: unknown) => {
      tellFailedSandbox(context, pod, error)
      throw error
    })
  return decideNext(context, pod)
}

/** Starts what is to start, tells how the pod is then, and takes away what that has replaced. */
async function start(
  context: NodeContext,
  pod: Pod,
  { starts, backingOff }: Extract<PodDecision, { kind: 'run' }>,
  resized: ResizeResult,
): Promise<NextRun> {
  const uid = pod.metadata.uid ?? ''
  const failures = await startContainers(context, pod, starts)
  if (isLeaving(context, pod)) return { afterMs: 0 }
  const shown = new Map([...failures].map(([name, { failure }]) => [name, failure]))
  reportStatus(context, pod, { backingOff, failures: shown })
  tellBackOffs(context, pod, backingOff)
  if (starts.length > 0) await removeOldContainers(context, pod)
  if (resized.kind === 'failed') throw new SyncFailure(resized.message, resized.outlook)
  if ([...failures.values()].some(({ cgroup }) => !cgroup)) throw failedStarts(failures)
  if (starts.length > 0) await removeOldSandboxes(context, uid)
  const now = context.now().getTime()
  const started = starts.map(({ container }) => container.name)
  const retryMs = context.startRetries.nextMs(uid, started, now)
  // What comes after an init container or a sidecar was not among these starts.
  const isNext = retryMs === undefined && starts.some(({ init }) => init)
  return isNext ? { afterMs: 0 } : nextRun(backingOff, retryMs, now)
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
