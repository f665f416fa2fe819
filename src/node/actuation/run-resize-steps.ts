import { setTimeout as sleep } from 'node:timers/promises'
import { errorCode } from '../../domain/error-code.ts'
import type { Pod } from '../../domain/pod.ts'
import type { ResizeStep, ShrinkSubject } from '../../domain/resize/actuation/plan.ts'
import {
  classifyRuntimeError,
  type ErrorOutlook,
  explainRuntimeError,
} from '../../domain/resize/actuation/runtime-error.ts'
import { followOomScores } from '../containers/follow-oom-score.ts'
import { isRunning } from '../termination/kill-container.ts'
import type { NodeContext } from '../node-context.ts'
import { ResizeTime } from './resize-time.ts'
import { runResizeStep } from './run-resize-step.ts'
import { shrinkMemory, type Undo } from './shrink-memory.ts'
import { tryAll } from '../try-all.ts'
import { unlessGone } from '../unless-gone.ts'
import { restoreContainer } from './write-container.ts'

/** containerd's status says up to 60 ms later than its event that a container has ended. */
const exitRetryMs = 20
const exitTries = 5

/** Whose a change of the pod's own files is, among those to be undone. */
const podFiles = 'files of the pod'

export type StepsResult =
  | { readonly kind: 'done' }
  /** Another size was promised meanwhile, or the pod is to end. */
  | { readonly kind: 'notWanted' }
  /** A container has ended, which says nothing about the resize: it takes the size when it starts. */
  | { readonly kind: 'ended' }
  /** The steps after it were not tried. What was done stays. */
  | {
      readonly kind: 'failed'
      readonly cause: string
      readonly outlook: ErrorOutlook
      /** Nobody could be asked: the runtime does not answer. */
      readonly away: boolean
    }

export interface StepsOptions {
  /** Asked in steps that take long. */
  readonly isWanted: () => boolean
  /** What of the time does not count as the resize's. */
  readonly time?: ResizeTime
}

/**
 * Runs the steps until one fails. What the kernel had already and the runtime did not take
 * goes back then: a container may use its old memory limit again.
 *
 * @param pod with the sizes in its spec that the steps lead to.
 */
export async function runResizeSteps(
  context: NodeContext,
  pod: Pod,
  steps: readonly ResizeStep[],
  { isWanted, time = new ResizeTime() }: StepsOptions,
): Promise<StepsResult> {
  const undos = new Map<string, Undo>()
  let current: ResizeStep | undefined
  try {
    markUpdates(context, pod, steps)
    for (const step of steps) {
      current = step
      if (step.kind === 'shrinkMemory') {
        const undo = await shrinkMemory(context, pod, step, isWanted)
        if (undo === undefined) {
          tryAll(undoing(undos), (one) => one())
          return { kind: 'notWanted' }
        }
        undos.set(subjectKey(step.of), undo)
        continue
      }
      const whose = step.kind === 'writePodCgroup' ? podFiles : step.containerId
      const undo = undoOf(context, pod, step)
      if (undo !== undefined) undos.set(whose, undo)
      const run = (): Promise<void> => runResizeStep(context, pod, step)
      await (step.kind === 'restartContainer' ? time.without(run) : run())
      // What the runtime has to be told yet is undone also by what fails later.
      if (step.kind !== 'writeContainer') undos.delete(whose)
    }
    await finishResize(context, pod)
    return { kind: 'done' }
  } catch (error) {
    const left = undoAll(undos)
    const away = isAway(error)
    if (current !== undefined && !away && (await hasEnded(context, pod, current))) {
      return { kind: 'ended' }
    }
    const cause = error instanceof Error ? error.message : String(error)
    const text = current?.kind === 'updateContainer' ? explainRuntimeError(cause) : cause
    return { kind: 'failed', cause: `${text}${left}`, outlook: outlookOf(current, cause), away }
  }
}

/** Of a stop nobody knows more than that it failed. */
function outlookOf(step: ResizeStep | undefined, cause: string): ErrorOutlook {
  if (step === undefined || step.kind === 'restartContainer') return 'unknown'
  return classifyRuntimeError(cause).outlook
}

/** How what a step may have done in part goes back. */
function undoOf(
  context: NodeContext,
  pod: Pod,
  step: Exclude<ResizeStep, { kind: 'shrinkMemory' }>,
): Undo | undefined {
  switch (step.kind) {
    case 'writePodCgroup':
      return () => context.cgroups.writePod(pod, step.before)
    case 'writeContainer':
    case 'updateContainer': {
      const { before } = step
      return before && (() => restoreContainer(context, pod, { ...step, before }))
    }
    case 'restartContainer':
      return undefined
    default:
      return step satisfies never
  }
}

/** What depends on the whole pod's size and not on one step. */
export async function finishResize(context: NodeContext, pod: Pod): Promise<void> {
  const { cgroups } = context
  cgroups.protectPod(pod)
  followOomScores(context, pod)
  cgroups.assurePod(pod)
  // Until systemd knows the slice's new size it may write the old one: nobody says done before.
  await cgroups.podSettled(pod)
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

function isAway(error: unknown): boolean {
  const code = errorCode(error)
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
