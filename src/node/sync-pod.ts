import { type BackingOff, decidePod, type PodDecision } from '../domain/lifecycle/decide.ts'
import { deadlineExceeded, deadlineOf } from '../domain/lifecycle/deadline.ts'
import { latestContainer } from '../domain/lifecycle/observed.ts'
import type { Pod } from '../domain/pod.ts'
import { effectiveSize } from '../domain/pod-resources.ts'
import { sameSize } from '../domain/resources.ts'
import { clearInProgress, setInProgress } from '../domain/resize/conditions.ts'
import { type ResizeNews, resizeEvent } from '../domain/resize/events.ts'
import { type Actuation, actuate } from './actuate.ts'
import { isOver } from './desired-pods.ts'
import { endPod } from './end-pod.ts'
import { killFailed } from './kill-failed.ts'
import type { NodeContext } from './node-context.ts'
import { podOf, podText } from './pod-event.ts'
import type { NextRun } from './pod-workers.ts'
import { postStart } from './post-start.ts'
import { reportStatus } from './report-status.ts'
import { podHealth } from './pod-health.ts'
import { podIPsOf, sourcesOf } from './sources.ts'
import { isLeaving, isStillPromised } from './still-wanted.ts'
import { startContainer } from './start-container.ts'
import { StartError } from './start-error.ts'
import { SyncFailure } from './sync-failure.ts'
import { startSandbox } from './start-sandbox.ts'
import { removePod, stopPod } from './stop-pod.ts'
import { terminatePod } from './terminate-pod.ts'
import { VolumeError } from './volumes/volume-error.ts'

const slowResizeMs = 1000
const tokenRetryMs = 10_000
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
    context.probes.forget(uid)
    await stopPod(context, uid, rejection?.graceSeconds ?? 0)
    // What its volumes hold is of no use any more, and may be why it had to go.
    await context.volumes.empty(uid)
    reportStatus(context, allocated)
    return {}
  }
  if (allocation === undefined) return {}
  if (untilDeadline(context, allocated) === 0) return failForDeadline(context, allocated)
  const { afterMs } = await run(context, allocated)
  const due = context.tokens.dueAt(uid)
  const waits = [
    afterMs,
    untilDeadline(context, allocated),
    due === undefined ? undefined : Math.max(tokenRetryMs, due - context.now().getTime()),
  ].filter((one) => one !== undefined)
  // A timer takes no more than 24 days.
  return waits.length === 0 ? {} : { afterMs: Math.min(...waits, longestWaitMs) }
}

/** Milliseconds that the pod may still be active; undefined without a deadline. */
function untilDeadline({ pods, now }: NodeContext, { metadata, spec }: Pod): number | undefined {
  const deadline = deadlineOf(spec, pods.status(metadata.uid ?? '')?.startTime)
  return deadline === undefined ? undefined : Math.max(0, deadline - now().getTime())
}

async function failForDeadline(context: NodeContext, pod: Pod): Promise<NextRun> {
  const { reason, message } = deadlineExceeded
  context.probes.terminating(pod.metadata.uid ?? '')
  context.events.record({ pod: podOf(pod), type: 'Normal', reason, message })
  await endPod(context, pod, pod.spec.terminationGracePeriodSeconds ?? 30)
  reportStatus(context, pod, { failed: deadlineExceeded })
  return {}
}

/** A pod that the API does not have (any more): nothing of it may stay. */
async function forget(context: NodeContext, uid: string): Promise<NextRun> {
  await stopPod(context, uid, 0)
  await removePod(context, uid, undefined)
  return {}
}

function decide(context: NodeContext, pod: Pod): PodDecision {
  const { checkpoint, observed, backOffs, now } = context
  const uid = pod.metadata.uid ?? ''
  const health = [...podHealth(context, pod)]
  return decidePod(pod.spec, observed.get(uid), {
    backOffs: backOffs.of(uid),
    restarting: checkpoint.restarting(uid),
    starting: new Set(health.filter(([, { started }]) => !started).map(([id]) => id)),
    now: now().getTime(),
  })
}

function followProbes(context: NodeContext, pod: Pod): void {
  context.probes.follow(pod, podIPsOf(context, pod)[0])
}

/** A container that keeps crashing starts at once with another size (kubelet: the size is in the back-off's key). */
function resetBackOffs(
  { checkpoint, observed, backOffs, startRetries }: NodeContext,
  { metadata, spec }: Pod,
): void {
  const uid = metadata.uid ?? ''
  const actuated = checkpoint.actuated(uid)
  for (const container of [...(spec.initContainers ?? []), ...spec.containers]) {
    const last = actuated.get(container.name)
    if (last === undefined || sameSize(last, effectiveSize(spec, container))) continue
    startRetries.reset(uid, container.name)
    const exited = latestContainer(observed.get(uid), container.name)?.state === 'exited'
    if (exited) backOffs.reset(uid, container.name)
  }
}

async function run(context: NodeContext, pod: Pod): Promise<NextRun> {
  const uid = pod.metadata.uid ?? ''
  resetBackOffs(context, pod)
  await context.objects.follow(pod)
  await context.tokens.ensure(pod)
  followProbes(context, pod)
  await killFailed(context, pod)
  let decision = decide(context, pod)
  if (decision.kind === 'createSandbox') {
    const { attempt } = decision
    reportStatus(context, pod)
    await context
      .startTurn(() => startSandbox(context, pod, attempt))
      .catch((error: unknown) => {
        tellFailedStart(context, pod, error)
        throw error
      })
    decision = decide(context, pod)
  }
  if (decision.kind === 'finished') {
    // Sidecars go on until now.
    await endPod(context, pod, pod.spec.terminationGracePeriodSeconds ?? 30)
    reportStatus(context, pod)
    return {}
  }
  if (decision.kind === 'createSandbox') return { afterMs: 1000 }
  const resized = await resize(context, pod, decision.backingOff)
  // A stop takes its time: what the pod is to be may be something else by now.
  const isOld = resized.kind === 'notWanted' || !isStillPromised(context, pod)
  if (isOld || isLeaving(context, pod)) return { afterMs: 0 }
  // A container that was stopped for its new size is among those to start now.
  if (resized.kind === 'done' && resized.changed) decision = decide(context, pod)
  await context.volumes.refresh(sourcesOf(context, pod))
  if (decision.kind !== 'run') return { afterMs: 0 }
  const failures = await startAll(context, pod, decision)
  const shown = new Map([...failures].map(([name, { failure }]) => [name, failure]))
  reportStatus(context, pod, { backingOff: decision.backingOff, failures: shown })
  tellBackOffs(context, pod, decision.backingOff)
  if (resized.kind === 'failed') throw new SyncFailure(resized.message, resized.outlook)
  if ([...failures.values()].some(({ cgroup }) => !cgroup)) throw failedStarts(failures)
  const retryMs = context.startRetries.nextMs(uid, context.now().getTime())
  if (retryMs !== undefined) return { afterMs: retryMs }
  // What comes after an init container or a sidecar was not among these starts.
  if (decision.starts.some(({ init }) => init)) return { afterMs: 0 }
  return nextRun(context, decision.backingOff)
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

/** Carries the allocated size out and tells how it went. */
async function resize(
  context: NodeContext,
  pod: Pod,
  backingOff: readonly BackingOff[],
): Promise<Actuation> {
  const uid = pod.metadata.uid ?? ''
  const generation = pod.metadata.generation ?? 0
  // Most are over before anybody could read this; who waits longer is told why.
  const slow = setTimeout(() => reportStatus(context, pod, { backingOff }), slowResizeMs)
  const result = await actuate(context, pod).finally(() => clearTimeout(slow))
  // Another size was promised meanwhile: its run follows, and has its own word to say.
  if (result.kind === 'notWanted' || !isStillPromised(context, pod)) return result
  if (result.kind === 'failed') {
    const now = `${context.now().toISOString().slice(0, 19)}Z`
    const { changed } = context.conditions.apply(uid, (all) =>
      setInProgress(all, { error: result.message, generation, now }),
    )
    if (changed) tell(context, pod, { kind: 'error', message: result.message }, generation)
    return result
  }
  const { cleared } = context.conditions.apply(uid, clearInProgress)
  if (cleared !== undefined) {
    tell(context, pod, { kind: 'completed' }, cleared.observedGeneration ?? generation)
  }
  return result
}

function tell(context: NodeContext, pod: Pod, news: ResizeNews, generation: number): void {
  const event = resizeEvent(news, pod.spec, generation, context.version)
  if (event !== undefined) context.events.record({ pod: podOf(pod), ...event })
}

/** Starts what is to start; one that fails does not keep the others from starting. */
async function startAll(
  context: NodeContext,
  pod: Pod,
  { starts }: Extract<PodDecision, { kind: 'run' }>,
): Promise<ReadonlyMap<string, StartError>> {
  const uid = pod.metadata.uid ?? ''
  const failures = new Map<string, StartError>()
  for (const start of starts) {
    const { previous, container } = start
    const now = context.now().getTime()
    const waiting = context.startRetries.waiting(uid, container.name, now)
    if (waiting !== undefined) {
      failures.set(container.name, waiting.error)
      continue
    }
    if (
      previous?.finishedAt !== undefined &&
      !context.checkpoint.restarting(uid).has(previous.id)
    ) {
      context.backOffs.lengthen(uid, container.name, previous.finishedAt, now)
    }
    try {
      await context.startTurn(() => startContainer(context, pod, start))
      context.startRetries.reset(uid, container.name)
      followProbes(context, pod)
      const latest = latestContainer(context.observed.get(uid), container.name)
      if (latest?.state === 'running') await postStart(context, pod, container, latest.id)
    } catch (error) {
      if (!(error instanceof StartError)) throw error
      failures.set(container.name, error)
      if (!error.cgroup) continue
      context.startRetries.failed(uid, container.name, error, context.now().getTime())
    }
  }
  return failures
}

function failedStarts(failures: ReadonlyMap<string, StartError>): Error {
  return new Error([...failures.values()].map(({ failure }) => failure.message).join('; '))
}

function nextRun({ now }: NodeContext, backingOff: readonly BackingOff[]): NextRun {
  if (backingOff.length === 0) return {}
  const soonest = Math.min(...backingOff.map(({ until }) => until))
  return { afterMs: Math.max(0, soonest - now().getTime()) }
}
