import { containerNamed } from '../../domain/lifecycle/environment.ts'
import { readySandbox } from '../../domain/lifecycle/observed.ts'
import type { Pod } from '../../domain/pod.ts'
import type { ResizeStep } from '../../domain/resize/actuation/resize-step.ts'
import { followOomScores } from '../containers/follow-oom-score.ts'
import type { NodeContext } from '../node-context.ts'
import { restartContainer } from '../termination/restart-container.ts'
import { updateContainer } from './update-container.ts'
import { writeContainer } from './write-container.ts'

/**
 * Carries one step out and, where it changes a container, records it.
 *
 * @throws Error of the runtime or the kernel: nothing is recorded then
 */
export async function runResizeStep(
  context: NodeContext,
  pod: Pod,
  step: Exclude<ResizeStep, { kind: 'shrinkMemory' }>,
): Promise<void> {
  const { cgroups, checkpoint, resizeTurns, sandboxUpdates } = context
  const uid = pod.metadata.uid ?? ''
  switch (step.kind) {
    case 'writePodCgroup':
      return sandboxUpdates.around(
        readySandbox(context.observed.get(uid))?.id,
        () => ({ knobs: step.knobs, reading: cgroups.pods.read(pod), overhead: pod.spec.overhead }),
        () => cgroups.pods.write(pod, step.knobs),
      )
    case 'writeContainer':
      writeContainer(context, pod, step)
      return resizeTurns.hold()
    case 'updateContainer':
      await resizeTurns.run(() => updateContainer(context, pod, step))
      // Before the record, by which a podfit that is started after a crash sees what it has to follow.
      followOomScores(context, pod)
      return checkpoint.recordActuated(uid, step.container, step.size)
    case 'restartContainer':
      return restart(context, pod, step)
    default:
      return step satisfies never
  }
}

/** Stops the container; it starts again with its new size by the ordinary way, at once. */
async function restart(
  context: NodeContext,
  pod: Pod,
  { container, containerId, reason: message }: Extract<ResizeStep, { kind: 'restartContainer' }>,
): Promise<void> {
  context.backOffs.reset(pod.metadata.uid ?? '', container)
  const spec = containerNamed(pod, container)
  const graceSeconds = pod.spec.terminationGracePeriodSeconds ?? 30
  if (spec !== undefined) {
    await restartContainer(context, pod, { container: spec, containerId, graceSeconds, message })
  }
}
