import type { Bytes, CpuShares, Micros } from '../units.ts'
import { systemdQuota, weightFormulas, weightFor, type WeightFormula } from './cpu.ts'
import type { CgroupVersion } from './files.ts'
import type { CgroupKnobs, LimitReading, PartialReading } from './knobs.ts'
import { roundDownToPage, unlimitedMemory, usualPageSize } from './memory.ts'

/** What crun calls its own cgroup for a container's processes, below the container's. */
export const innerCgroup = 'container'

/** What kind of cgroup it is, and so who has written to it. */
export type CgroupLevel = 'container' | 'pod' | 'qos'

export interface CompareOptions {
  /** Runtimes use either weight formula for containers; the kubelet uses the linear one for the rest. */
  readonly level: CgroupLevel
  /** The one by which the container's runtime makes weights. @default either is right */
  readonly formula?: WeightFormula
  /** Whether systemd manages the cgroup: then a quota may be rounded up to 10 millicores. */
  readonly systemd: boolean
  /** The kernel rounds memory limits down to it. @default 4096 bytes */
  readonly pageSize?: Bytes
  /** @default what the CPU's file tells */
  readonly version?: CgroupVersion
}

/** One file of a cgroup held against what it should say. */
export interface KnobCheck {
  readonly controller: 'cpu' | 'memory'
  /** The knob that the file holds. */
  readonly knob: 'cpuShares' | 'cpuQuota' | 'cpuPeriod' | 'memoryLimit'
  /** The file's name, by the cgroup version that was read. */
  readonly file: string
  /** Every text that is right, the likeliest first. */
  readonly expected: readonly string[]
  readonly found: string
  readonly ok: boolean
}

/** A file that says something else than it should. */
export type Difference = Omit<KnobCheck, 'ok'>

/**
 * The files that say something else than they should; none if the cgroup is as asked.
 * Knobs that `expected` leaves out are not looked at (`unlimitedWhereUnset` fills them in).
 */
export function compareKnobs(
  expected: CgroupKnobs,
  reading: PartialReading,
  how: CompareOptions,
): readonly Difference[] {
  return checkKnobs(expected, reading, how)
    .filter(({ ok }) => !ok)
    .map(({ ok: _ok, ...difference }) => difference)
}

/**
 * Every file that holds a knob of `expected`, with what it should say and what it says.
 * Files that were not read are left out.
 */
export function checkKnobs(
  expected: CgroupKnobs,
  reading: PartialReading,
  how: CompareOptions,
): readonly KnobCheck[] {
  const { cpu, inner } = reading
  const version = how.version ?? (cpu?.kind === 'shares' ? 'v1' : 'v2')
  const { cpuShares } = expected
  const weight = cpuShares === undefined || cpu === undefined ? [] : [{ cpuShares, cpu }]
  return [
    ...weight.map((one) => checkShares(one.cpuShares, one.cpu, how)),
    ...checkLimits(expected, reading, { ...how, version }),
    ...(inner === undefined ? [] : checkInner(expected, inner, { ...how, version })),
  ]
}

type Versioned = CompareOptions & { readonly version: CgroupVersion }

function checkLimits(
  { cpuQuota, cpuPeriod, memoryLimit }: CgroupKnobs,
  reading: Partial<LimitReading>,
  how: Versioned,
): readonly KnobCheck[] {
  const { cpuQuota: quota, cpuPeriod: period, memoryLimit: limit } = reading
  return [
    ...(cpuQuota === undefined || quota === undefined || period === undefined
      ? []
      : checkBandwidth(cpuQuota, cpuPeriod, { quota, period }, how)),
    ...(memoryLimit === undefined || limit === undefined
      ? []
      : [checkMemory(memoryLimit, limit, how)]),
  ]
}

/** Below the container's own cgroup a limit may be missing, but not be another one. */
function checkInner(
  expected: CgroupKnobs,
  inner: LimitReading,
  how: Versioned,
): readonly KnobCheck[] {
  const { cpuQuota, cpuPeriod, memoryLimit } = inner
  const limits = {
    ...(cpuQuota === 'max' ? {} : { cpuQuota, cpuPeriod }),
    ...(memoryLimit === 'max' ? {} : { memoryLimit }),
  }
  return checkLimits(expected, limits, how).map((one) => ({
    ...one,
    file: `${innerCgroup}/${one.file}`,
  }))
}

function checkShares(
  shares: CpuShares,
  cpu: NonNullable<PartialReading['cpu']>,
  { level, formula }: CompareOptions,
): KnobCheck {
  if (cpu.kind === 'shares') {
    return check('cpuShares', 'cpu.shares', [`${shares}`], `${cpu.shares}`)
  }
  const known = level === 'container' ? formula : 'linear'
  const formulas = known === undefined ? weightFormulas : [known]
  const weights = formulas.map((one) => `${weightFor(shares, one)}`)
  return check('cpuShares', 'cpu.weight', weights, `${cpu.weight}`)
}

/** Quota and period; the period counts only where there is a quota. */
function checkBandwidth(
  quota: Micros | 'max',
  wantedPeriod: Micros | undefined,
  reading: { readonly quota: Micros | 'max'; readonly period: Micros },
  { systemd, version }: Versioned,
): readonly KnobCheck[] {
  const period = quota === 'max' ? reading.period : (wantedPeriod ?? reading.period)
  const quotas = systemd && quota !== 'max' ? [quota, systemdQuota(quota, period)] : [quota]
  if (version === 'v2') {
    const legal = quotas.map((one) => `${one} ${period}`)
    const found = `${reading.quota} ${reading.period}`
    return [check('cpuQuota', 'cpu.max', legal, found)]
  }
  const text = (one: Micros | 'max') => (one === 'max' ? '-1' : `${one}`)
  const found = text(reading.quota)
  return [
    check('cpuQuota', 'cpu.cfs_quota_us', quotas.map(text), found),
    check('cpuPeriod', 'cpu.cfs_period_us', [`${period}`], `${reading.period}`),
  ]
}

function checkMemory(
  limit: Bytes | 'max',
  read: Bytes | 'max',
  { pageSize = usualPageSize, version }: Versioned,
): KnobCheck {
  const isV2 = version === 'v2'
  const unlimited = isV2 ? 'max' : `${unlimitedMemory(pageSize)}`
  const text = (one: Bytes | 'max') => (one === 'max' ? unlimited : `${one}`)
  const legal = limit === 'max' ? limit : roundDownToPage(limit, pageSize)
  const file = isV2 ? 'memory.max' : 'memory.limit_in_bytes'
  return check('memoryLimit', file, [text(legal)], text(read))
}

function check(
  knob: KnobCheck['knob'],
  file: string,
  legal: readonly string[],
  found: string,
): KnobCheck {
  const controller = knob === 'memoryLimit' ? 'memory' : 'cpu'
  const expected = [...new Set(legal)]
  return { controller, knob, file, expected, found, ok: expected.includes(found) }
}
