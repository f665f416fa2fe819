import { containerKnobs, type CgroupKnobs, type CgroupReading } from '../cgroup/knobs.ts'
import type { PodSpec } from '../pod.ts'
import type { Size } from '../resources.ts'
import { bytes, type Bytes } from '../units.ts'
import {
  containerUpdates,
  decreasesFirst,
  type ContainerUpdate,
  type RunningContainer,
} from './container-updates.ts'
import { refuseMemoryDecrease, shrinksMemory } from './memory-decrease.ts'
import type { MemoryInUse } from './memory-in-use.ts'
import { podKnobChanges } from './pod-knob-changes.ts'

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
}

export type ResizeStep =
  /**
   * Bring the memory limit of one cgroup down to `to` without killing anybody. Nothing of the
   * plan may be done if one of these fails, and those that were done are taken back.
   */
  | { readonly kind: 'shrinkMemory'; readonly of: ShrinkSubject; readonly to: Bytes }
  | { readonly kind: 'writePodCgroup'; readonly knobs: CgroupKnobs }
  /** One call to the runtime for CPU and memory together. `size` is the actuated record after it. */
  | {
      readonly kind: 'updateContainer'
      readonly container: string
      readonly containerId: string
      readonly knobs: CgroupKnobs
      readonly size: Size
    }
  /** Stop it, for `reason`, and have it started with its new size. */
  | {
      readonly kind: 'restartContainer'
      readonly container: string
      readonly containerId: string
      readonly reason: string
    }

/** Whose memory shrinks: one container's, or that of the pod as a whole. */
export type ShrinkSubject =
  | { readonly kind: 'container'; readonly container: string; readonly containerId: string }
  | { readonly kind: 'pod' }

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
 * plan; a new plan from the new picture goes on where it ended.
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
  const podShrinks: readonly ResizeStep[] =
    podLimit === undefined ? [] : [{ kind: 'shrinkMemory', of: { kind: 'pod' }, to: podLimit }]
  const steps: readonly ResizeStep[] = [
    ...inPlace.filter(shrinksMemory).map(shrinkStep),
    ...(restarting.length === 0 ? podShrinks : []),
    ...podWrites(raises),
    ...inPlace.map(updateStep),
    ...restarting.map(restartStep),
    ...(restarting.length === 0 ? [] : podShrinks),
    ...podWrites(otherLowers),
  ]
  return steps.length === 0 ? { kind: 'nothing' } : { kind: 'steps', steps }
}

function podWrites(knobs: CgroupKnobs = {}): readonly ResizeStep[] {
  return Object.keys(knobs).length === 0 ? [] : [{ kind: 'writePodCgroup', knobs }]
}

function shrinkStep({ container: { name, containerId }, to }: ContainerUpdate): ResizeStep {
  const of = { kind: 'container', container: name, containerId } as const
  return { kind: 'shrinkMemory', of, to: to.memoryLimit ?? bytes(0) }
}

function updateStep({ container: { name, containerId }, to }: ContainerUpdate): ResizeStep {
  const knobs = containerKnobs(to)
  return { kind: 'updateContainer', container: name, containerId, knobs, size: to }
}

function restartStep({ container: { name, containerId } }: ContainerUpdate): ResizeStep {
  const reason = `Container ${name} resize requires restart`
  return { kind: 'restartContainer', container: name, containerId, reason }
}
