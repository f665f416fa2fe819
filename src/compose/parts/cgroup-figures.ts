import type { CgroupFigures } from '../../apiserver/usage/usage-source.ts'
import type { CgroupTree } from '../../cgroup/cgroup-tree.ts'
import { sharesFromWeight } from '../../domain/cgroup/cpu.ts'

/** What the files of the cgroup at `path` say. @throws CgroupError once it is gone. */
export function cgroupFigures(tree: CgroupTree, path: string): CgroupFigures {
  const { cpu, cpuQuota, cpuPeriod, memoryLimit } = tree.read(path)
  const { periods, throttledPeriods, throttled } = tree.cpuUsage(path)
  return {
    cpuShares: cpu.kind === 'shares' ? cpu.shares : sharesFromWeight(cpu.weight),
    cpuPeriodMicros: cpuPeriod,
    ...(cpuQuota !== 'max' && { cpuQuotaMicros: cpuQuota }),
    cpuPeriods: periods,
    throttledPeriods,
    throttledMicros: throttled,
    memoryBytes: tree.memoryUsage(path).usage,
    ...(memoryLimit !== 'max' && { memoryLimitBytes: memoryLimit }),
    oomKills: tree.memoryEvents(path).oomKills,
  }
}
