import { containerKnobs, type CgroupKnobs } from '../domain/cgroup/knobs.ts'
import { oomScoreAdj } from '../domain/cgroup/oom-score.ts'
import type { Container, PodSpec } from '../domain/pod.ts'
import { effectiveSize } from '../domain/pod-resources.ts'
import type { Bytes } from '../domain/units.ts'
import type { LinuxResources } from './runtime.ts'

/** What a container is created with. */
export function createResources(
  spec: PodSpec,
  container: Container,
  nodeMemory: Bytes,
): LinuxResources {
  return {
    ...updateResources(containerKnobs(effectiveSize(spec, container))),
    oomScoreAdj: oomScoreAdj({ spec, container, nodeMemory }),
  }
}

/** Knobs in CRI's words. Runtimes ignore an oom_score_adj in an update, so there is none. */
export function updateResources(knobs: CgroupKnobs): LinuxResources {
  const { cpuShares, cpuQuota, cpuPeriod, memoryLimit } = knobs
  return {
    ...(cpuShares === undefined ? {} : { cpuShares }),
    ...(cpuQuota === undefined ? {} : { cpuQuota: cpuQuota === 'max' ? -1 : cpuQuota }),
    ...(cpuPeriod === undefined ? {} : { cpuPeriod }),
    ...(memoryLimit === undefined
      ? {}
      : { memoryLimitInBytes: memoryLimit === 'max' ? -1 : memoryLimit }),
  }
}
