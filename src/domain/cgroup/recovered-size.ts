import type { Container, PodSpec, ResourceRequirements } from '../pod.ts'
import { sizeOf, type Size } from '../resources/size.ts'
import type { CgroupReading } from './knobs.ts'
import { containerResources } from './status.ts'

export interface RecoveredSizeInput {
  /** With the allocated resources. */
  readonly spec: PodSpec
  readonly container: Container
  /** What the status last showed of the container. */
  readonly shown: ResourceRequirements | undefined
  readonly reading: CgroupReading
  /** @default false */
  readonly systemd?: boolean
}

/**
 * What a running container was last told to have, where no record says it: what its files
 * say, and of the sizes that come to the same the one that its status showed, else the
 * allocated one. Taken for what it has, it needs no update and no restart.
 */
export function recoveredSize(input: RecoveredSizeInput): Size {
  const { spec, container, shown, reading, systemd = false } = input
  const allocated = withPodLimits(spec, container.resources)
  const actuated = sizeOf(withPodLimits(spec, shown ?? container.resources))
  return sizeOf(containerResources({ allocated, actuated, reading, systemd }))
}

/** A container without a limit of its own has the pod's. */
function withPodLimits(
  { resources: pod }: PodSpec,
  resources: ResourceRequirements = {},
): ResourceRequirements {
  const { cpu, memory } = pod?.limits ?? {}
  if (cpu === undefined && memory === undefined) return resources
  const limits = { ...(cpu && { cpu }), ...(memory && { memory }), ...resources.limits }
  return { ...resources, limits }
}
