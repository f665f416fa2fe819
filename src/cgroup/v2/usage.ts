import { bytes, micros } from '../../domain/units.ts'
import type { CgroupFiles } from '../cgroup-files.ts'
import { countIn, keyedNumbers } from '../file-text.ts'
import { machineCanSwap } from '../machine-swap.ts'
import { systemPageSize } from '../page-size.ts'
import type { CpuUsage, MemoryEvents, MemorySample, MemoryUsage } from '../usage.ts'

export function memoryUsage(files: CgroupFiles, dir: string): MemoryUsage {
  const usage = countIn(files.read(dir, 'memory.current'))
  const inactive = keyedNumbers(files.read(dir, 'memory.stat')).get('inactive_file') ?? 0
  return { usage: bytes(usage), workingSet: bytes(Math.max(0, usage - inactive)) }
}

export function memorySample(files: CgroupFiles, dir: string): MemorySample {
  const { oomKills } = memoryEvents(files, dir)
  const stat = keyedNumbers(files.read(dir, 'memory.stat'))
  const of = (name: string) => stat.get(name) ?? 0
  const swaps = (files.readIfThere(dir, 'memory.swap.max') ?? '0') !== '0' && machineCanSwap()
  // The names have these ends since Linux 5.9; before, one counter holds both.
  const refaults =
    of('workingset_refault') + of('workingset_refault_anon') + of('workingset_refault_file')
  return {
    held: bytes(swaps ? of('unevictable') : of('anon') + of('shmem')),
    refaulted: bytes(refaults * systemPageSize()),
    oomKills,
    // Last, since a limit may be written for it right after.
    usage: bytes(countIn(files.read(dir, 'memory.current'))),
  }
}

export function cpuUsage(files: CgroupFiles, dir: string): CpuUsage {
  const stat = keyedNumbers(files.read(dir, 'cpu.stat'))
  return {
    usage: micros(stat.get('usage_usec') ?? 0),
    periods: stat.get('nr_periods') ?? 0,
    throttledPeriods: stat.get('nr_throttled') ?? 0,
    throttled: micros(stat.get('throttled_usec') ?? 0),
  }
}

export function memoryEvents(files: CgroupFiles, dir: string): MemoryEvents {
  const events = keyedNumbers(files.read(dir, 'memory.events'))
  return { oomKills: events.get('oom_kill') ?? 0, limitHits: events.get('max') ?? 0 }
}
