import {
  containerKnobs,
  knobsOf,
  unlimitedWhereUnset,
  type CgroupKnobs,
  type CgroupReading,
} from '../../cgroup/knobs.ts'
import type { PodSpec } from '../../pod.ts'
import { sameSize, type Size } from '../../resources.ts'
import { bytes, type Bytes } from '../../units.ts'
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
  /** Whether containers' files are written before the runtime is told. @default false */
  readonly kernelFirst?: boolean
}

export type ResizeStep =
  /**
   * Bring the memory limit of one cgroup down to `to` without killing anybody. Nothing of the
   * plan may be done if one of these fails, and those that were done are taken back.
   */
  | { readonly kind: 'shrinkMemory'; readonly of: ShrinkSubject; readonly to: Bytes }
  /** `before` is what the files say of the same, to which they go back if not all of it is taken. */
  | {
      readonly kind: 'writePodCgroup'
      readonly knobs: CgroupKnobs
      readonly before: CgroupKnobs
    }
  /**
   * Write what changes of what the runtime will be told in a step that follows. If it refuses,
   * the files go back to `before`: what the runtime was last told.
   */
  | {
      readonly kind: 'writeContainer'
      readonly container: string
      readonly containerId: string
      readonly knobs: CgroupKnobs
      readonly before: CgroupKnobs
    }
  /**
   * One call to the runtime for CPU and memory together. `size` is the actuated record after
   * it; `before`, where it is known, is what the files go back to if the call fails.
   */
  | {
      readonly kind: 'updateContainer'
      readonly container: string
      readonly containerId: string
      readonly knobs: CgroupKnobs
      readonly before?: CgroupKnobs
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
  const podShrinks: readonly ResizeStep[] =
    podLimit === undefined ? [] : [{ kind: 'shrinkMemory', of: { kind: 'pod' }, to: podLimit }]
  const steps: readonly ResizeStep[] = [
    ...inPlace.filter(shrinksMemory).map(shrinkStep),
    ...(restarting.length === 0 ? podShrinks : []),
    ...podWrites(input.podCgroup, raises),
    ...(input.kernelFirst === true ? inPlace.flatMap(writeSteps) : []),
    ...inPlace.map(updateStep),
    ...restarting.map(restartStep),
    ...(restarting.length === 0 ? [] : podShrinks),
    ...podWrites(input.podCgroup, otherLowers),
  ]
  return steps.length === 0 ? { kind: 'nothing' } : { kind: 'steps', steps }
}

function podWrites(reading: CgroupReading, knobs: CgroupKnobs = {}): readonly ResizeStep[] {
  if (Object.keys(knobs).length === 0) return []
  return [{ kind: 'writePodCgroup', knobs, before: picked(knobsOf(reading), knobs) }]
}

/** Those of `all` that `knobs` has, too. */
function picked(all: CgroupKnobs, knobs: CgroupKnobs): CgroupKnobs {
  return Object.fromEntries(Object.entries(all).filter(([knob]) => knob in knobs))
}

function shrinkStep({ container: { name, containerId }, to }: ContainerUpdate): ResizeStep {
  const of = { kind: 'container', container: name, containerId } as const
  return { kind: 'shrinkMemory', of, to: to.memoryLimit ?? bytes(0) }
}

/** None for a container of which nobody knows what it would have to go back to. */
function writeSteps(update: ContainerUpdate): readonly ResizeStep[] {
  const { name, containerId } = update.container
  const knobs = knobsChanged(update)
  const before = knobsBefore(update)
  if (before === undefined || Object.keys(knobs).length === 0) return []
  return [{ kind: 'writeContainer', container: name, containerId, knobs, before }]
}

/** All of them where an update was begun that nobody has seen the end of. A quota goes with its period. */
function knobsChanged({ container, from, to }: ContainerUpdate): CgroupKnobs {
  const knobs = containerKnobs(to)
  if (container.updating !== undefined) return knobs
  const before = containerKnobs(from)
  const { cpuShares, cpuQuota, cpuPeriod, memoryLimit } = knobs
  const quota = cpuQuota && cpuPeriod && { cpuQuota, cpuPeriod }
  return {
    ...(cpuShares !== before.cpuShares && cpuShares !== undefined && { cpuShares }),
    ...(cpuQuota !== before.cpuQuota && quota),
    ...(memoryLimit !== before.memoryLimit && memoryLimit !== undefined && { memoryLimit }),
  }
}

function updateStep(update: ContainerUpdate): ResizeStep {
  const { to } = update
  const { name, containerId } = update.container
  const before = knobsBefore(update)
  return {
    kind: 'updateContainer',
    container: name,
    containerId,
    knobs: containerKnobs(to),
    ...(before && { before }),
    size: to,
  }
}

/** What the runtime was last told of the knobs that change; a limit that it was not told of is none. */
function knobsBefore({ container: { actuated }, to }: ContainerUpdate): CgroupKnobs | undefined {
  if (actuated === undefined) return undefined
  return picked(unlimitedWhereUnset(containerKnobs(actuated)), containerKnobs(to))
}

function restartStep({ container, from, to }: ContainerUpdate): ResizeStep {
  const { name, containerId } = container
  const reason = sameSize(from, to)
    ? `Container ${name} was being stopped for a restart`
    : `Container ${name} resize requires restart`
  return { kind: 'restartContainer', container: name, containerId, reason }
}
