import { weightFor, type WeightFormula } from './cpu.ts'
import type { CgroupKnobs } from './knobs.ts'

export type CgroupVersion = 'v1' | 'v2'

/** One write to one file of a cgroup. On v1 each controller has a directory tree of its own. */
export interface KnobFile {
  readonly controller: 'cpu' | 'memory'
  readonly file: string
  readonly value: string
}

/**
 * What has to be written for these knobs, in an order that the kernel takes for a new
 * cgroup: on v1 the period goes before the quota.
 *
 * On v2 a period is written only together with a quota; both are in one file. `formula`
 * matters on v2 only: pods and QoS classes have linear weights.
 */
export function knobFiles(
  version: CgroupVersion,
  knobs: CgroupKnobs,
  formula: WeightFormula,
): readonly KnobFile[] {
  switch (version) {
    case 'v1':
      return v1Files(knobs)
    case 'v2':
      return v2Files(knobs, formula)
    default:
      return version satisfies never
  }
}

function v1Files(knobs: CgroupKnobs): readonly KnobFile[] {
  const { cpuShares, cpuPeriod, cpuQuota, memoryLimit } = knobs
  const none = (limit: number | 'max') => (limit === 'max' ? '-1' : `${limit}`)
  return [
    ...(cpuShares === undefined ? [] : [cpuFile('cpu.shares', `${cpuShares}`)]),
    ...(cpuPeriod === undefined ? [] : [cpuFile('cpu.cfs_period_us', `${cpuPeriod}`)]),
    ...(cpuQuota === undefined ? [] : [cpuFile('cpu.cfs_quota_us', none(cpuQuota))]),
    ...(memoryLimit === undefined ? [] : [memoryFile('memory.limit_in_bytes', none(memoryLimit))]),
  ]
}

function v2Files(knobs: CgroupKnobs, formula: WeightFormula): readonly KnobFile[] {
  const { cpuShares, cpuPeriod, cpuQuota, memoryLimit } = knobs
  const bandwidth = cpuPeriod === undefined ? `${cpuQuota}` : `${cpuQuota} ${cpuPeriod}`
  return [
    ...(cpuShares === undefined ? [] : [cpuFile('cpu.weight', `${weightFor(cpuShares, formula)}`)]),
    ...(cpuQuota === undefined ? [] : [cpuFile('cpu.max', bandwidth)]),
    ...(memoryLimit === undefined ? [] : [memoryFile('memory.max', `${memoryLimit}`)]),
  ]
}

function cpuFile(file: string, value: string): KnobFile {
  return { controller: 'cpu', file, value }
}

function memoryFile(file: string, value: string): KnobFile {
  return { controller: 'memory', file, value }
}
