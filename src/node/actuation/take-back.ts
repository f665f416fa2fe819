import { podKnobs } from '../../domain/cgroup/knobs.ts'
import type { Pod } from '../../domain/pod.ts'
import { withAllocated } from '../../domain/resources/pod-resources.ts'
import {
  partlyDone,
  partlyDoneMessage,
  takenBackMessage,
} from '../../domain/resize/actuation/partly-done.ts'
import { planResize } from '../../domain/resize/actuation/plan.ts'
import type { ResizeStep } from '../../domain/resize/actuation/resize-step.ts'
import type { ErrorOutlook } from '../../domain/resize/actuation/runtime-error.ts'
import { type Actuation, hasFailed } from './actuate.ts'
import type { NodeContext } from '../node-context.ts'
import { runningForPlan } from './running-for-plan.ts'
import { runResizeSteps } from './run-resize-steps.ts'
import { isLeaving, isStillPromised } from '../allocation/still-wanted.ts'

/** A resize that is not done, as people are told of it. */
export interface FailedResize {
  readonly message: string
  readonly outlook: ErrorOutlook
}

type Failure = Extract<Actuation, { kind: 'failed' }>

/**
 * Has no pod stay half old, half new for longer than one more try: if that failed too, or if
 * it would be of no use, the containers that have their new size get the old one again, and
 * the pod's cgroup with them. The promise stays, and is tried again as a whole. Where no
 * container has it, the cgroup alone goes back from what the kernel or the runtime never takes.
 *
 * Nothing goes back that would take a restart, or room that others have by now.
 *
 * @param pod with the allocated resources in its spec.
 */
export async function takeBack(
  context: NodeContext,
  pod: Pod,
  { cause, outlook, away }: Failure,
): Promise<FailedResize> {
  const before = context.checkpoint.before(pod.metadata.uid ?? '')
  if (before === undefined) return { message: cause, outlook }
  const old = { ...pod, spec: withAllocated(pod.spec, before) }
  const { running } = runningForPlan(context, pod, false)
  const partly = partlyDone(old.spec, pod.spec, running)
  const half = { message: partlyDoneMessage(cause, partly), outlook }
  const isForNothing = partly.resized.length === 0
  if (partly.notYet.length === 0 || (isForNothing && outlook !== 'permanent')) return half
  if (away || (outlook !== 'permanent' && !hasFailed(context, pod))) return half
  const steps = stepsBack(context, old, partly.resized)
  if (steps === undefined || !context.allocator.hasRoom(old)) return half
  const isWanted = (): boolean => isStillPromised(context, pod) && !isLeaving(context, pod)
  const result = await runResizeSteps(context, old, steps, { isWanted })
  switch (result.kind) {
    case 'done':
    case 'ended':
      return {
        message: takenBackMessage(cause, partly),
        // All of it goes to and fro with each try.
        outlook: outlook === 'permanent' ? outlook : 'unknown',
      }
    case 'notWanted':
      return half
    case 'failed':
      return { message: `${half.message}; cannot take it back: ${result.cause}`, outlook }
    default:
      return result satisfies never
  }
}

/** Undefined where not all of it can be had without a restart. */
function stepsBack(
  context: NodeContext,
  old: Pod,
  resized: readonly string[],
): readonly ResizeStep[] | undefined {
  const podCgroup = context.cgroups.pods.read(old)
  const wanted = podKnobs(old.spec)
  const live = runningForPlan(context, old, wanted.memoryLimit !== podCgroup.memoryLimit)
  const plan = planResize({
    ...live,
    allocated: old.spec,
    running: live.running.filter(({ name }) => resized.includes(name)),
    podCgroup,
    podKnobs: wanted,
    systemd: context.cgroups.systemd,
  })
  if (plan.kind !== 'steps') return undefined
  return plan.steps.some(({ kind }) => kind === 'restartContainer') ? undefined : plan.steps
}
