import { bytes, micros } from '../../domain/units.ts'
import type { CgroupFiles } from '../cgroup-files.ts'
import { countIn, keyedNumbers } from '../file-text.ts'
import { machineCanSwap } from '../machine-swap.ts'
import { systemPageSize } from '../page-size.ts'
import type { CpuUsage, MemoryEvents, MemorySample, MemoryUsage } from '../usage.ts'
import { directoryOf } from './directory.ts'
import type { Hierarchies } from './hierarchies.ts'

const nanosPerMicro = 1000

export function memoryUsage(
  files: CgroupFiles,
  hierarchies: Hierarchies,
  path: string,
): MemoryUsage {
  const dir = directoryOf(hierarchies, 'memory', path)
  const usage = countIn(files.read(dir, 'memory.usage_in_bytes'))
  const stat = keyedNumbers(files.read(dir, 'memory.stat'))
  const inactive = stat.get('total_inactive_file') ?? 0
  return { usage: bytes(usage), workingSet: bytes(Math.max(0, usage - inactive)) }
}

/** Runtimes allow no swap by giving memory + swap the same limit. */
export function memorySample(
  files: CgroupFiles,
  hierarchies: Hierarchies,
  path: string,
): MemorySample {
  const dir = directoryOf(hierarchies, 'memory', path)
  const stat = keyedNumbers(files.read(dir, 'memory.stat'))
  const total = (name: string) => stat.get(`total_${name}`) ?? stat.get(name) ?? 0
  const limit = files.read(dir, 'memory.limit_in_bytes')
  const swaps = files.readIfThere(dir, 'memory.memsw.limit_in_bytes') !== limit && machineCanSwap()
  const refaults = total('workingset_refault_anon') + total('workingset_refault_file')
  return {
    usage: bytes(countIn(files.read(dir, 'memory.usage_in_bytes'))),
    held: bytes(swaps ? total('unevictable') : total('rss') + total('shmem')),
    refaulted: bytes(refaults * systemPageSize()),
    oomKills: keyedNumbers(files.read(dir, 'memory.oom_control')).get('oom_kill') ?? 0,
  }
}

export function cpuUsage(files: CgroupFiles, hierarchies: Hierarchies, path: string): CpuUsage {
  const stat = keyedNumbers(files.read(directoryOf(hierarchies, 'cpu', path), 'cpu.stat'))
  const nanos = countIn(files.read(directoryOf(hierarchies, 'cpuacct', path), 'cpuacct.usage'))
  return {
    usage: micros(Math.floor(nanos / nanosPerMicro)),
    periods: stat.get('nr_periods') ?? 0,
    throttledPeriods: stat.get('nr_throttled') ?? 0,
    throttled: micros(Math.floor((stat.get('throttled_time') ?? 0) / nanosPerMicro)),
  }
}

export function memoryEvents(
  files: CgroupFiles,
  hierarchies: Hierarchies,
  path: string,
): MemoryEvents {
  const dir = directoryOf(hierarchies, 'memory', path)
  const control = keyedNumbers(files.read(dir, 'memory.oom_control'))
  return {
    oomKills: control.get('oom_kill') ?? 0,
    limitHits: countIn(files.read(dir, 'memory.failcnt')),
  }
}
