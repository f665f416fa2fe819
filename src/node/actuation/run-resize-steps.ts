import { setTimeout as sleep } from 'node:timers/promises'
import { errorCode } from '../../domain/error-code.ts'
import type { Pod } from '../../domain/pod.ts'
import type { ResizeStep } from '../../domain/resize/actuation/resize-step.ts'
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
import { shrinkMemory } from './shrink-memory.ts'
import { StepUndos, undoOf } from './step-undos.ts'

/** containerd's status says up to 60 ms later than its event that a container has ended. */
const exitRetryMs = 20
const exitTries = 5

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
  const undos = new StepUndos()
  let current: ResizeStep | undefined
  try {
    markUpdates(context, pod, steps)
    for (const step of steps) {
      current = step
      if (step.kind === 'shrinkMemory') {
        const undo = await shrinkMemory(context, pod, step, isWanted)
        if (undo === undefined) {
          undos.takeBack()
          return { kind: 'notWanted' }
        }
        undos.add(step, undo)
        continue
      }
      undos.add(step, undoOf(context, pod, step))
      const run = (): Promise<void> => runResizeStep(context, pod, step)
      await (step.kind === 'restartContainer' ? time.without(run) : run())
      // What the runtime has to be told yet is undone also by what fails later.
      if (step.kind !== 'writeContainer') undos.drop(step)
    }
    await finishResize(context, pod)
    return { kind: 'done' }
  } catch (error) {
    const left = undos.tryToTakeBack()
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

/** What depends on the whole pod's size and not on one step. */
export async function finishResize(context: NodeContext, pod: Pod): Promise<void> {
  const { cgroups } = context
  cgroups.pods.protect(pod)
  followOomScores(context, pod)
  cgroups.pods.assure(pod)
  // Until systemd knows the slice's new size it may write the old one: nobody says done before.
  await cgroups.pods.settled(pod)
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
