import type { Pod } from '../domain/pod.ts'
import { stuckMessage } from '../domain/resize/memory-shrink.ts'
import type { ResizeStep } from '../domain/resize/plan.ts'
import type { NodeContext } from './node-context.ts'
import { isLeaving, isStillPromised } from './still-wanted.ts'

/** Takes back what a step did that no record holds yet. */
export type Undo = () => void

/** Has the kernel take the smaller limit, if it can without a kill; undefined if it is not wanted any more. */
export async function shrinkMemory(
  context: NodeContext,
  pod: Pod,
  { of, to }: Extract<ResizeStep, { kind: 'shrinkMemory' }>,
): Promise<Undo | undefined> {
  const { cgroups, shrinker, onStep } = context
  const memory = cgroups.memoryOf(pod, of)
  const isWanted = (): boolean => isStillPromised(context, pod) && !isLeaving(context, pod)
  onStep('node.shrink.before')
  const result = await shrinker.shrink(memory, to, isWanted)
  onStep('node.shrink.after')
  switch (result.kind) {
    case 'shrunk':
      return () => memory.setLimit(result.before)
    case 'notWanted':
      return undefined
    case 'stuck': {
      const container = of.kind === 'pod' ? undefined : of.container
      throw new Error(stuckMessage({ ...result, container }))
    }
    default:
      return result satisfies never
  }
}
