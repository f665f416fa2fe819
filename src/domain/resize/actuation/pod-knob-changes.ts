import { systemdQuota, weightFor } from '../../cgroup/cpu.ts'
import type { CgroupKnobs, CgroupReading } from '../../cgroup/knobs.ts'
import type { Bytes, Micros } from '../../units.ts'

/** How a pod's cgroup was written, as far as a reading differs from what was asked for. */
export interface CgroupWriting {
  /** Whether systemd wrote it, which rounds quotas up to 10 millicores. */
  readonly systemd: boolean
  readonly pageSize: Bytes
}

/** The changes of a pod's cgroup, apart by when they may be made. */
export interface PodKnobChanges {
  /** To be written before the containers change, so that they have room. */
  readonly raises: CgroupKnobs | undefined
  /** To be written after them: until then a container may still need the old value. */
  readonly lowers: CgroupKnobs | undefined
}

type Direction = 'raise' | 'lower' | 'keep'

/**
 * What differs between the cgroup and what is wanted of it. A knob that is not wanted
 * stays as it is: limits are never taken away in place.
 *
 * Unlimited counts as more than any limit. The kubelet counts it as less on cgroup v2, so
 * that there a pod's first limit comes before its containers shrink below it.
 */
export function podKnobChanges(
  wanted: CgroupKnobs,
  reading: CgroupReading,
  writing: CgroupWriting,
): PodKnobChanges {
  const parts: readonly (readonly [Direction, CgroupKnobs])[] = [
    [memoryDirection(wanted, reading, writing.pageSize), pick(wanted, ['memoryLimit'])],
    [quotaDirection(wanted, reading, writing.systemd), pick(wanted, ['cpuQuota', 'cpuPeriod'])],
    [sharesDirection(wanted, reading), pick(wanted, ['cpuShares'])],
  ]
  return { raises: merged(parts, 'raise'), lowers: merged(parts, 'lower') }
}

function pick(knobs: CgroupKnobs, keys: readonly (keyof CgroupKnobs)[]): CgroupKnobs {
  return Object.fromEntries(
    keys.flatMap((key) => (knobs[key] === undefined ? [] : [[key, knobs[key]]])),
  )
}

function merged(
  parts: readonly (readonly [Direction, CgroupKnobs])[],
  direction: Direction,
): CgroupKnobs | undefined {
  const chosen = parts.filter(([which]) => which === direction)
  if (chosen.length === 0) return undefined
  return Object.assign({}, ...chosen.map(([, knobs]) => knobs)) as CgroupKnobs
}

function compare(wanted: number, current: number): Direction {
  if (wanted === current) return 'keep'
  return wanted > current ? 'raise' : 'lower'
}

function memoryDirection(wanted: CgroupKnobs, reading: CgroupReading, pageSize: Bytes): Direction {
  if (wanted.memoryLimit === undefined) return 'keep'
  return compare(
    wholePages(wanted.memoryLimit, pageSize),
    wholePages(reading.memoryLimit, pageSize),
  )
}

function wholePages(limit: Bytes | 'max', pageSize: Bytes): number {
  return limit === 'max' ? Number.POSITIVE_INFINITY : Math.floor(limit / pageSize) * pageSize
}

function quotaDirection(wanted: CgroupKnobs, reading: CgroupReading, systemd: boolean): Direction {
  if (wanted.cpuQuota === undefined) return 'keep'
  const period = wanted.cpuPeriod ?? reading.cpuPeriod
  const samePeriod = period === reading.cpuPeriod || reading.cpuQuota === 'max'
  if (samePeriod && isSameQuota(wanted.cpuQuota, reading.cpuQuota, period, systemd)) return 'keep'
  const direction = compare(
    share(wanted.cpuQuota, period),
    share(reading.cpuQuota, reading.cpuPeriod),
  )
  // The same share by another period is no less than before.
  return direction === 'keep' ? 'raise' : direction
}

function isSameQuota(
  wanted: Micros | 'max',
  current: Micros | 'max',
  period: Micros,
  systemd: boolean,
): boolean {
  if (wanted === current) return true
  return systemd && wanted !== 'max' && systemdQuota(wanted, period) === current
}

function share(quota: Micros | 'max', period: Micros): number {
  return quota === 'max' ? Number.POSITIVE_INFINITY : quota / period
}

function sharesDirection(wanted: CgroupKnobs, { cpu }: CgroupReading): Direction {
  if (wanted.cpuShares === undefined) return 'keep'
  switch (cpu.kind) {
    case 'shares':
      return compare(wanted.cpuShares, cpu.shares)
    case 'weight':
      return compare(weightFor(wanted.cpuShares, 'linear'), cpu.weight)
    default:
      return cpu satisfies never
  }
}
