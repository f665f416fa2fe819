import { setTimeout as sleep } from 'node:timers/promises'
import type { Pod } from '../domain/pod.ts'
import { podKnobs } from '../domain/cgroup/knobs.ts'
import { conditionOf, inProgressType } from '../domain/resize/conditions.ts'
import { failureMessage } from '../domain/resize/partly-done.ts'
import { planResize, type ResizeStep, type ShrinkSubject } from '../domain/resize/plan.ts'
import {
  classifyRuntimeError,
  type ErrorOutlook,
  explainRuntimeError,
} from '../domain/resize/runtime-error.ts'
import { followOomScores } from './follow-oom-score.ts'
import { isRunning } from './kill-container.ts'
import type { NodeContext } from './node-context.ts'
import { runResizeStep } from './run-resize-step.ts'
import { runningForPlan } from './running-for-plan.ts'
import { shrinkMemory, type Undo } from './shrink-memory.ts'
import { tryAll } from './try-all.ts'
import { unlessGone } from './unless-gone.ts'
import { restoreContainer } from './write-container.ts'

/** containerd's status says up to 60 ms later than its event that a container has ended. */
const exitRetryMs = 20
const exitTries = 5

export type Actuation =
  /** Everything that runs has its allocated size; `changed` tells whether it took a step. */
  | { readonly kind: 'done'; readonly changed: boolean }
  /** Another size was promised meanwhile, or the pod is to end: somebody else goes on. */
  | { readonly kind: 'notWanted' }
  /** The rest was not tried. What was applied stays; trying again goes on from there. */
  | { readonly kind: 'failed'; readonly message: string; readonly outlook: ErrorOutlook }

/**
 * Brings the running containers and the pod's cgroup to the allocated size: reads
 * what is there, plans, and does one step after the other. Each success is
 * recorded at once, so a crash repeats one step at most.
 *
 * @param pod with the allocated resources in its spec.
 */
export async function actuate(context: NodeContext, pod: Pod): Promise<Actuation> {
  const podCgroup = context.cgroups.readPod(pod)
  const wanted = podKnobs(pod.spec)
  const plan = planResize({
    allocated: pod.spec,
    podCgroup,
    podKnobs: wanted,
    systemd: context.cgroups.systemd,
    kernelFirst: isKernelFirst(context, pod),
    ...runningForPlan(context, pod, wanted.memoryLimit !== podCgroup.memoryLimit),
  })
  switch (plan.kind) {
    case 'nothing':
      finish(context, pod)
      return { kind: 'done', changed: false }
    case 'blocked':
      return { kind: 'failed', message: plan.message, outlook: 'unknown' }
    case 'steps': {
      const begun = performance.now()
      const result = await runSteps(context, pod, plan.steps)
      if (result.kind !== 'notWanted') {
        context.metrics.actuated(performance.now() - begun, result.kind === 'done')
      }
      return result
    }
    default:
      return plan satisfies never
  }
}

/** What depends on the whole pod's size and not on one step. */
function finish(context: NodeContext, pod: Pod): void {
  context.cgroups.protectPod(pod)
  followOomScores(context, pod)
}

/** What failed once is told to the runtime before the kernel has it, so that files do not go to and fro. */
function isKernelFirst({ actuation, conditions }: NodeContext, { metadata }: Pod): boolean {
  if (actuation === 'runtime') return false
  return conditionOf(conditions.get(metadata.uid ?? ''), inProgressType)?.reason !== 'Error'
}

/**
 * Runs the steps until one fails. What the kernel had already and the runtime did not take
 * goes back then: a container may use its old memory limit again.
 */
async function runSteps(
  context: NodeContext,
  pod: Pod,
  steps: readonly ResizeStep[],
): Promise<Actuation> {
  const undos = new Map<string, Undo>()
  let current: ResizeStep | undefined
  let done = 0
  try {
    markUpdates(context, pod, steps)
    for (const [index, step] of steps.entries()) {
      current = step
      done = index
      if (step.kind === 'shrinkMemory') {
        const undo = await shrinkMemory(context, pod, step)
        if (undo === undefined) {
          tryAll(undoing(undos), (one) => one())
          return { kind: 'notWanted' }
        }
        undos.set(subjectKey(step.of), undo)
        continue
      }
      if (step.kind === 'writeContainer' || step.kind === 'updateContainer') {
        const { before } = step
        const undo = before && (() => restoreContainer(context, pod, { ...step, before }))
        if (undo !== undefined) undos.set(step.containerId, undo)
      }
      await runResizeStep(context, pod, step)
      if (step.kind === 'updateContainer') undos.delete(step.containerId)
    }
    finish(context, pod)
    return { kind: 'done', changed: true }
  } catch (error) {
    const left = undoAll(undos)
    // Whoever ended meanwhile says nothing about the resize: it takes the new size when it starts.
    if (current !== undefined && !isAway(error) && (await hasEnded(context, pod, current))) {
      return actuate(context, pod)
    }
    const cause = error instanceof Error ? error.message : String(error)
    const told = (message: string): string => failureMessage(`${message}${left}`, steps, done)
    if (current?.kind !== 'updateContainer') {
      return { kind: 'failed', message: told(cause), outlook: 'unknown' }
    }
    const { outlook } = classifyRuntimeError(cause)
    return { kind: 'failed', message: told(explainRuntimeError(cause)), outlook }
  }
}

/**
 * The pod before its containers: what they get back has to fit. A cgroup that is gone
 * meanwhile has nothing to get back.
 */
function undoing(undos: ReadonlyMap<string, Undo>): readonly Undo[] {
  return [...undos.values()].toReversed().map((undo) => () => unlessGone(undo))
}

/** What is told of what could not be undone; nothing if all was. */
function undoAll(undos: ReadonlyMap<string, Undo>): string {
  try {
    tryAll(undoing(undos), (undo) => undo())
    return ''
  } catch (error) {
    return `; not all of it could be undone: ${error instanceof Error ? error.message : String(error)}`
  }
}

/** Whether nobody can be asked because the runtime itself does not answer. */
function isAway(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'unavailable' || code === 'deadlineExceeded'
}

/** Whether the container that a step is about does not run any more, as the runtime says after a while. */
async function hasEnded(context: NodeContext, pod: Pod, step: ResizeStep): Promise<boolean> {
  const subject = step.kind === 'shrinkMemory' ? step.of : step
  if (!('containerId' in subject)) return false
  const { containerId } = subject
  for (let tries = 0; tries < exitTries && isRunning(context, pod, containerId); tries += 1) {
    await sleep(exitRetryMs)
    await context.observed.refreshContainer(pod.metadata.uid ?? '', containerId).catch(() => {})
  }
  return !isRunning(context, pod, containerId)
}

/** From here until its record a container may have any part of its new size, whoever dies or fails. */
function markUpdates({ checkpoint }: NodeContext, pod: Pod, steps: readonly ResizeStep[]): void {
  const updates = steps.filter((step) => step.kind === 'updateContainer')
  const sizes = new Map(updates.map(({ container, size }) => [container, size]))
  if (sizes.size > 0) checkpoint.markUpdating(pod.metadata.uid ?? '', sizes)
}

function subjectKey(of: ShrinkSubject): string {
  return of.kind === 'pod' ? 'pod' : of.containerId
}
