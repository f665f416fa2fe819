import { defaultPeriod } from '../../domain/cgroup/cpu.ts'
import { containerKnobs, type CgroupKnobs } from '../../domain/cgroup/knobs.ts'
import { containerUnified, type MemoryPolicy } from '../../domain/cgroup/memory-qos.ts'
import { oomScoreAdj } from '../../domain/cgroup/oom-score.ts'
import type { Container, PodSpec } from '../../domain/pod.ts'
import { effectiveSize } from '../../domain/resources/pod-resources.ts'
import type { Bytes } from '../../domain/units.ts'
import type { LinuxResources } from '../runtime/runtime-container.ts'

/** What a container is created with. */
export function createResources(
  spec: PodSpec,
  container: Container,
  nodeMemory: Bytes,
  policy?: MemoryPolicy,
): LinuxResources {
  return {
    ...updateResources(containerKnobs(effectiveSize(spec, container))),
    ...unifiedResources(spec, container, policy),
    oomScoreAdj: oomScoreAdj({ spec, container, nodeMemory }),
  }
}

/**
 * The files of cgroup v2 that the runtime writes at the creation and again at every update,
 * because it applies its whole spec each time; nothing on v1, where it refuses them.
 */
export function unifiedResources(
  spec: PodSpec,
  container: Container,
  policy: MemoryPolicy | undefined,
): Pick<LinuxResources, 'unified'> {
  return policy === undefined ? {} : { unified: containerUnified(policy, spec, container) }
}

/**
 * Knobs in CRI's words. Runtimes ignore an oom_score_adj in an update, so there is none. A quota
 * goes with its period: without one, crun takes none away (cgroup v2).
 */
export function updateResources(knobs: CgroupKnobs): LinuxResources {
  const { cpuShares, cpuQuota, memoryLimit } = knobs
  const cpuPeriod = knobs.cpuPeriod ?? (cpuQuota === 'max' ? defaultPeriod : undefined)
  return {
    ...(cpuShares === undefined ? {} : { cpuShares }),
    ...(cpuQuota === undefined ? {} : { cpuQuota: cpuQuota === 'max' ? -1 : cpuQuota }),
    ...(cpuPeriod === undefined ? {} : { cpuPeriod }),
    ...(memoryLimit === undefined
      ? {}
      : { memoryLimitInBytes: memoryLimit === 'max' ? -1 : memoryLimit }),
  }
}
