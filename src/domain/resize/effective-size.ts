import type { Container, PodSpec } from '../pod.ts'
import { sizeOf, type Size } from '../resources.ts'

/**
 * The size that a container's cgroup gets: its own, with the pod-level limit where it has
 * no limit of its own (KEP-2837). This is what is compared with the actuated record, so
 * the record must hold it too.
 */
export function effectiveSize(container: Container, spec: PodSpec): Size {
  const { cpuLimit, memoryLimit } = sizeOf(spec.resources)
  return {
    ...(cpuLimit === undefined ? {} : { cpuLimit }),
    ...(memoryLimit === undefined ? {} : { memoryLimit }),
    ...sizeOf(container.resources),
  }
}
