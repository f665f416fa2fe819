import type { Pod } from '../../domain/pod.ts'
import { effectiveSize } from '../../domain/resources/pod-resources.ts'
import { restartsFor, type ResizableResource } from '../../domain/resize/resize-policy.ts'
import { sizeOf, type Size } from '../../domain/resources/size.ts'
import { containerNamed, containersOf, isRunning } from '../containers.ts'
import { resourcesAt, type PodPart } from '../pod-part.ts'

/** The change of one size, known in full before anything is sent. */
export interface SizeChange {
  /** Whose size it is; undefined for that of the pod itself. */
  readonly container: PodPart
  readonly before: Size
  readonly after: Size
  /** Resources whose resizePolicy makes the change restart a container. */
  readonly restartsFor: readonly ResizableResource[]
  /** Names of the containers that restart. */
  readonly restarting: readonly string[]
}

/** The change of `part` that makes `wanted` of `pod`. */
export function sizeChange(pod: Pod, part: PodPart, wanted: Pod): SizeChange {
  const restarts = restartsBy(pod, wanted)
  return {
    container: part,
    before: sizeOf(resourcesAt(pod, part)),
    after: sizeOf(resourcesAt(wanted, part)),
    restartsFor: [...new Set(restarts.map(({ resource }) => resource))],
    restarting: [...new Set(restarts.map(({ container }) => container))],
  }
}

/**
 * Which running containers restart, and for which resource. One without a limit of its own has
 * that of the pod, and restarts when that changes.
 */
function restartsBy(pod: Pod, wanted: Pod) {
  return containersOf(pod).flatMap(({ spec, status }) => {
    const after = containerNamed(wanted, spec.name)
    if (!isRunning(status) || after === undefined) return []
    const from = effectiveSize(pod.spec, spec)
    const to = effectiveSize(wanted.spec, after.spec)
    return changedResources(from, to)
      .filter((resource) => restartsFor(spec, resource))
      .map((resource) => ({ container: spec.name, resource }))
  })
}

function changedResources(before: Size, after: Size): readonly ResizableResource[] {
  const changed: ResizableResource[] = []
  if (before.cpuRequest !== after.cpuRequest || before.cpuLimit !== after.cpuLimit) {
    changed.push('cpu')
  }
  if (before.memoryRequest !== after.memoryRequest || before.memoryLimit !== after.memoryLimit) {
    changed.push('memory')
  }
  return changed
}
