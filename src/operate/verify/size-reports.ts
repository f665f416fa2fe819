import type { Pod } from '../../domain/pod.ts'
import { podSize } from '../../domain/resources/pod-resources.ts'
import { bytesQuantity, milliCpuQuantity } from '../../domain/quantity/quantity.ts'
import { sizeOf, type Size } from '../../domain/resources/size.ts'
import { checkContainerCgroup, checkPodCgroup, type FileCheck } from '../cgroups/cgroup-checks.ts'
import type { CgroupLook, CgroupSight } from '../cgroups/cgroup-look.ts'
import {
  sizeValues,
  type CgroupReport,
  type ContainerReport,
  type LayeredValue,
  type SizeValue,
} from '../cgroups/layered-value.ts'
import type { KubeletSight } from '../cluster/kubelet-policies.ts'
import { describeState, isRunning, type PodContainer } from '../containers.ts'

/** A value of a size as Kubernetes prints it: `500m`, `256Mi`. */
function formatSizeValue(size: Size, value: SizeValue): string | undefined {
  switch (value) {
    case 'cpuRequest':
    case 'cpuLimit': {
      const cpu = size[value]
      return cpu === undefined ? undefined : milliCpuQuantity(cpu)
    }
    case 'memoryRequest':
    case 'memoryLimit': {
      const memory = size[value]
      return memory === undefined ? undefined : bytesQuantity(memory)
    }
    default:
      return value satisfies never
  }
}

interface Layers {
  readonly desired: Size
  readonly allocated: Size
  readonly status: Size
  readonly checks: readonly FileCheck[]
}

function layeredValues({ desired, allocated, status, checks }: Layers): readonly LayeredValue[] {
  return sizeValues.map((value) => {
    const texts = {
      desired: formatSizeValue(desired, value),
      allocated: formatSizeValue(allocated, value),
      status: formatSizeValue(status, value),
    }
    return {
      value,
      ...Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== undefined)),
      files: checks.filter((check) => check.value === value),
    }
  })
}

function placeOf(sight: CgroupSight | undefined): Pick<CgroupReport, 'path' | 'foundBy'> {
  if (sight === undefined || !('path' in sight)) return {}
  const { path } = sight
  const foundBy = sight.kind === 'read' ? sight.foundBy : undefined
  return { path, ...(foundBy === undefined ? {} : { foundBy }) }
}

/** The sizes of a container in all layers, its cgroup held against `asHeld`. */
export function containerReport(
  asHeld: Pod,
  container: PodContainer,
  look: CgroupLook,
  kubelet: KubeletSight | undefined,
): ContainerReport {
  const { spec, status } = container
  const sight = look.kind === 'seen' ? look.containers[spec.name] : undefined
  const checks =
    look.kind === 'seen' && sight?.kind === 'read' && isRunning(status)
      ? checkContainerCgroup(asHeld, spec.name, sight, look, kubelet)
      : []
  return {
    name: spec.name,
    running: isRunning(status),
    state: describeState(status),
    restartCount: status?.restartCount ?? 0,
    ...placeOf(sight),
    values: layeredValues({
      desired: sizeOf(spec.resources),
      allocated: sizeOf(
        status?.allocatedResources === undefined ? {} : { requests: status.allocatedResources },
      ),
      status: sizeOf(status?.resources),
      checks,
    }),
  }
}

/** The same of the pod as a whole. */
export function podCgroupReport(
  pod: Pod,
  asHeld: Pod,
  look: CgroupLook,
  kubelet: KubeletSight | undefined,
): CgroupReport {
  const sight = look.kind === 'seen' ? look.pod : undefined
  const checks =
    look.kind === 'seen' && sight?.kind === 'read'
      ? checkPodCgroup(asHeld, sight, look, kubelet)
      : []
  const { allocatedResources, resources } = pod.status ?? {}
  return {
    ...placeOf(sight),
    values: layeredValues({
      desired: podSize(pod.spec),
      allocated: sizeOf(allocatedResources === undefined ? {} : { requests: allocatedResources }),
      status: sizeOf(resources),
      checks,
    }),
  }
}
