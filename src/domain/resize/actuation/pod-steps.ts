import { knobsOf, restrictedTo, type CgroupKnobs, type CgroupReading } from '../../cgroup/knobs.ts'
import type { Bytes } from '../../units.ts'
import type { ResizeStep } from './resize-step.ts'

/** Brings the memory of the pod as a whole down; none without a limit that goes down. */
export function podShrinkSteps(to: Bytes | undefined): readonly ResizeStep[] {
  return to === undefined ? [] : [{ kind: 'shrinkMemory', of: { kind: 'pod' }, to }]
}

/** Writes what changes in the pod's own cgroup; none where nothing does. */
export function podWriteSteps(
  reading: CgroupReading,
  knobs: CgroupKnobs = {},
): readonly ResizeStep[] {
  if (Object.keys(knobs).length === 0) return []
  return [{ kind: 'writePodCgroup', knobs, before: restrictedTo(knobs, knobsOf(reading)) }]
}
