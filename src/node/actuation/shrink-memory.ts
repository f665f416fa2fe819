import { actuatedSpec } from '../../domain/resources/actuated-spec.ts'
import { readySandbox } from '../../domain/lifecycle/observed.ts'
import type { Pod } from '../../domain/pod.ts'
import { stuckMessage } from '../../domain/resize/actuation/memory-shrink.ts'
import { podSize } from '../../domain/resources/pod-resources.ts'
import type { ResizeStep, ShrinkSubject } from '../../domain/resize/actuation/resize-step.ts'
import type { Bytes } from '../../domain/units.ts'
import type { NodeContext } from '../node-context.ts'

/** Takes back what a step did that no record holds yet. */
export type Undo = () => void

/** What the node's record says the limit is before this; undefined where it says nothing. */
function recordedLimit(
  { checkpoint }: NodeContext,
  { metadata, spec }: Pod,
  of: ShrinkSubject,
): Bytes | 'max' | undefined {
  const actuated = checkpoint.actuated(metadata.uid ?? '')
  if (of.kind === 'pod') {
    // What the pod as a whole had is not in the record.
    const isOwn = spec.resources?.limits?.['memory'] !== undefined
    return isOwn ? undefined : (podSize(actuatedSpec(spec, actuated)).memoryLimit ?? 'max')
  }
  const size = actuated.get(of.container)
  return size && (size.memoryLimit ?? 'max')
}

/** Has the kernel take the smaller limit, if it can without a kill; undefined if it is not wanted any more. */
export async function shrinkMemory(
  context: NodeContext,
  pod: Pod,
  { of, to }: Extract<ResizeStep, { kind: 'shrinkMemory' }>,
  isWanted: () => boolean,
): Promise<Undo | undefined> {
  const { cgroups, shrinker, sandboxUpdates } = context
  const memory = cgroups.memory.of(pod, of)
  const sandbox = readySandbox(context.observed.get(pod.metadata.uid ?? ''))
  const result = await sandboxUpdates.around(
    of.kind === 'pod' ? sandbox?.id : undefined,
    () => ({
      knobs: { memoryLimit: to },
      reading: cgroups.pods.read(pod),
      overhead: pod.spec.overhead,
    }),
    () => shrinker.shrink(memory, to, isWanted, recordedLimit(context, pod, of)),
    ({ kind }) => kind === 'shrunk',
  )
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
