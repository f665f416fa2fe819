import { bytes, micros } from '../../domain/units.ts'
import type { CgroupFiles } from '../cgroup-files.ts'
import { countIn, keyedNumbers } from '../file-text.ts'
import type { CpuUsage, MemoryEvents, MemoryUsage } from '../usage.ts'

export function memoryUsage(files: CgroupFiles, dir: string): MemoryUsage {
  const usage = countIn(files.read(dir, 'memory.current'))
  const inactive = keyedNumbers(files.read(dir, 'memory.stat')).get('inactive_file') ?? 0
  return { usage: bytes(usage), workingSet: bytes(Math.max(0, usage - inactive)) }
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
