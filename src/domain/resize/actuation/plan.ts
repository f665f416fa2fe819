import type { CgroupKnobs, CgroupReading } from '../../cgroup/knobs.ts'
import type { PodSpec } from '../../pod.ts'
import { bytes, type Bytes } from '../../units.ts'
import { restartStep, shrinkStep, updateStep, writeSteps } from './container-steps.ts'
import { containerUpdates, decreasesFirst, type RunningContainer } from './container-updates.ts'
import { refuseMemoryDecrease, shrinksMemory } from './memory-decrease.ts'
import type { MemoryInUse } from './memory-in-use.ts'
import { podKnobChanges } from './pod-knob-changes.ts'
import { podShrinkSteps, podWriteSteps } from './pod-steps.ts'
import type { ResizeStep } from './resize-step.ts'

/** What a pod is to have, and what runs and holds its memory now. */
export interface ResizePlanInput {
  /** The spec with the resources that the node has accepted. */
  readonly allocated: PodSpec
  /** Containers that are not listed are left alone: they get their size when they start. */
  readonly running: readonly RunningContainer[]
  readonly podCgroup: CgroupReading
  /** What the pod's cgroup should say for `allocated`. */
  readonly podKnobs: CgroupKnobs
  readonly podMemory?: MemoryInUse
  /** Whether systemd writes the pod's cgroup. @default false */
  readonly systemd?: boolean
  /** @default 4096 bytes */
  readonly pageSize?: Bytes
  /** Whether containers' files are written before the runtime is told. @default false */
  readonly kernelFirst?: boolean
}

export type ResizePlan =
  | { readonly kind: 'nothing' }
  /** Nothing of it may be done now. Try again when usage has changed. */
  | { readonly kind: 'blocked'; readonly message: string }
  | { readonly kind: 'steps'; readonly steps: readonly ResizeStep[] }

/**
 * The steps from what is to what is allocated. At any point between them no container has
 * a limit above its pod's, if that held before: the pod's cgroup is raised first and
 * lowered last. Memory alone goes down before everything else, because it may fail: the
 * containers that go on running, then the pod, so that then nothing else has happened. Only a
 * pod whose containers free memory by a restart shrinks after that.
 *
 * In between, containers that give something back come before those that take more, and
 * restarts come last, so that nobody waits for a grace period. A step that fails ends the
 * plan; a new plan from the new picture goes on where it ended. Kernel first, all
 * containers have their new size before the runtime is told of one.
 *
 * @see kubelet's kuberuntime_manager.go, doPodResizeAction. The kubelet does memory
 *   before CPU in two updates for each container; one update carries both here.
 */
export function planResize(input: ResizePlanInput): ResizePlan {
  const updates = containerUpdates(input.allocated, input.running)
  const { raises, lowers } = podKnobChanges(input.podKnobs, input.podCgroup, {
    systemd: input.systemd ?? false,
    pageSize: input.pageSize ?? bytes(4096),
  })
  const { memoryLimit, ...otherLowers } = lowers ?? {}
  const podLimit = memoryLimit === 'max' ? undefined : memoryLimit
  const { podMemory } = input
  const refusal = refuseMemoryDecrease({ podLimit, podMemory, updates })
  if (refusal !== undefined) return { kind: 'blocked', message: refusal }
  const inPlace = decreasesFirst(updates.filter(({ restarts }) => !restarts))
  const restarting = updates.filter(({ restarts }) => restarts)
  const podShrinks = podShrinkSteps(podLimit)
  const steps: readonly ResizeStep[] = [
    ...inPlace.filter(shrinksMemory).map(shrinkStep),
    ...(restarting.length === 0 ? podShrinks : []),
    ...podWriteSteps(input.podCgroup, raises),
    ...(input.kernelFirst === true ? inPlace.flatMap(writeSteps) : []),
    ...inPlace.map(updateStep),
    ...restarting.map(restartStep),
    ...(restarting.length === 0 ? [] : podShrinks),
    ...podWriteSteps(input.podCgroup, otherLowers),
  ]
  return steps.length === 0 ? { kind: 'nothing' } : { kind: 'steps', steps }
}
