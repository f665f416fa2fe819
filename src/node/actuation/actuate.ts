import { podKnobs } from '../../domain/cgroup/knobs.ts'
import type { Pod } from '../../domain/pod.ts'
import { conditionOf, inProgressType, setInProgress } from '../../domain/resize/conditions.ts'
import { planResize } from '../../domain/resize/actuation/plan.ts'
import type { ResizeStep } from '../../domain/resize/actuation/resize-step.ts'
import { classifyRuntimeError } from '../../domain/resize/actuation/runtime-error.ts'
import { timestamp } from '../../domain/timestamp.ts'
import type { NodeContext } from '../node-context.ts'
import { ResizeTime } from './resize-time.ts'
import { runningForPlan } from './running-for-plan.ts'
import { finishResize, runResizeSteps, type StepsResult } from './run-resize-steps.ts'
import { isLeaving, isStillPromised } from '../allocation/still-wanted.ts'

export type Actuation =
  /** Everything that runs has its allocated size; `changed` tells whether it took a step. */
  | { readonly kind: 'done'; readonly changed: boolean }
  /** Another size was promised meanwhile, or the pod is to end: somebody else goes on. */
  | { readonly kind: 'notWanted' }
  /** The rest was not tried. What was applied stays; trying again goes on from there. */
  | Extract<StepsResult, { kind: 'failed' }>

/**
 * Brings the running containers and the pod's cgroup to the allocated size: reads
 * what is there, plans, and does one step after the other. Each success is
 * recorded at once, so a crash repeats one step at most.
 *
 * @param pod with the allocated resources in its spec.
 */
export async function actuate(context: NodeContext, pod: Pod): Promise<Actuation> {
  const time = new ResizeTime()
  const podCgroup = context.cgroups.pods.read(pod)
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
      await finishResize(context, pod)
      return { kind: 'done', changed: false }
    case 'blocked': {
      context.metrics.actuated(time.ms, false)
      const { outlook } = classifyRuntimeError(plan.message)
      return { kind: 'failed', cause: plan.message, outlook, away: false }
    }
    case 'steps': {
      assureInProgress(context, pod, plan.steps)
      const isWanted = (): boolean => isStillPromised(context, pod) && !isLeaving(context, pod)
      const result = await runResizeSteps(context, pod, plan.steps, { isWanted, time })
      if (result.kind === 'notWanted') return result
      if (result.kind === 'ended') return actuate(context, pod)
      context.metrics.actuated(time.ms, result.kind === 'done')
      return result.kind === 'done' ? { kind: 'done', changed: true } : result
    }
    default:
      return plan satisfies never
  }
}

/** Where a crash came before anybody was told that a size was promised, it is told now. */
function assureInProgress(
  { conditions, now }: NodeContext,
  { metadata }: Pod,
  steps: readonly ResizeStep[],
): void {
  const { uid = '', generation = 0 } = metadata
  const isResize = steps.some(
    ({ kind }) => kind === 'updateContainer' || kind === 'restartContainer',
  )
  if (!isResize || conditionOf(conditions.get(uid), inProgressType) !== undefined) return
  const at = timestamp(now())
  conditions.apply(uid, (all) => setInProgress(all, { generation, now: at }))
}

/** What failed once is told to the runtime before the kernel has it, so that files do not go to and fro. */
function isKernelFirst(context: NodeContext, pod: Pod): boolean {
  return context.actuation !== 'runtime' && !hasFailed(context, pod)
}

/** Whether this resize was tried before, and failed. */
export function hasFailed({ conditions }: NodeContext, { metadata }: Pod): boolean {
  return conditionOf(conditions.get(metadata.uid ?? ''), inProgressType)?.reason === 'Error'
}
