import {
  containerKnobs,
  restrictedTo,
  unlimitedWhereUnset,
  type CgroupKnobs,
} from '../../cgroup/knobs.ts'
import { sameSize } from '../../resources/size.ts'
import { bytes } from '../../units.ts'
import type { ContainerUpdate } from './container-updates.ts'
import type { ResizeStep } from './resize-step.ts'

/** Brings its memory down before the update, which writes the limit once more. */
export function shrinkStep({ container: { name, containerId }, to }: ContainerUpdate): ResizeStep {
  const of = { kind: 'container', container: name, containerId } as const
  return { kind: 'shrinkMemory', of, to: to.memoryLimit ?? bytes(0) }
}

/**
 * Kernel first: the files say what the runtime will be told. None for a container of which nobody
 * knows what it would have to go back to.
 */
export function writeSteps(update: ContainerUpdate): readonly ResizeStep[] {
  const { name, containerId } = update.container
  const knobs = knobsChanged(update)
  const before = knobsBefore(update)
  if (before === undefined || Object.keys(knobs).length === 0) return []
  return [{ kind: 'writeContainer', container: name, containerId, knobs, before }]
}

/** Tells the runtime all of the new size. */
export function updateStep(update: ContainerUpdate): ResizeStep {
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

/** Has the container start again, with its new size. */
export function restartStep({ container, from, to }: ContainerUpdate): ResizeStep {
  const { name, containerId } = container
  const reason = sameSize(from, to)
    ? `Container ${name} was being stopped for a restart`
    : `Container ${name} resize requires restart`
  return { kind: 'restartContainer', container: name, containerId, reason }
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

/** What the runtime was last told of the knobs that change; a limit that it was not told of is none. */
function knobsBefore({ container: { actuated }, to }: ContainerUpdate): CgroupKnobs | undefined {
  if (actuated === undefined) return undefined
  return restrictedTo(containerKnobs(to), unlimitedWhereUnset(containerKnobs(actuated)))
}
