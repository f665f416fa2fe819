import { cpuShares, cpuWeight, micros, milliCpu } from '../units.ts'
import type { CpuShares, CpuWeight, Micros, MilliCpu } from '../units.ts'

/** The kernel's smallest `cpu.shares`; also what a container without a CPU request gets. */
export const minShares = cpuShares(2)

/** The kernel's largest `cpu.shares`, 256 cores by Kubernetes' scale. */
const maxShares = cpuShares(262_144)

/** The CFS period that Kubernetes uses unless told otherwise: 100 ms. */
export const defaultPeriod = micros(100_000)

/** The smallest CFS quota the kernel takes, 1 ms: below 10m of a period of 100 ms all limits are alike. */
const minQuota = micros(1000)

const sharesPerCpu = 1024

/**
 * The shares for a CPU request, 2 to 262144. Rounded down, so that 1 core is 1024.
 *
 * @see kubelet's MilliCPUToShares, pkg/kubelet/cm/helpers_linux.go.
 */
export function sharesFor(request: MilliCpu): CpuShares {
  const shares = Math.floor((request * sharesPerCpu) / 1000)
  return cpuShares(Math.min(Math.max(shares, minShares), maxShares))
}

/**
 * The CPU request that shares stand for; the exact inverse of `sharesFor` from 2m to 256
 * cores. 0m and 1m have the same shares as 2m.
 */
export function milliCpuFromShares(shares: CpuShares): MilliCpu {
  return milliCpu(Math.ceil((shares * 1000) / sharesPerCpu))
}

/**
 * The time that a CPU limit allows in each period, at least 1 ms. Rounded down. A limit
 * of 0 is none: `max`.
 *
 * @see kubelet's MilliCPUToQuota, pkg/kubelet/cm/helpers_linux.go.
 */
export function quotaFor(limit: MilliCpu, period: Micros = defaultPeriod): Micros | 'max' {
  if (limit === 0) return 'max'
  const quota = Math.floor((limit * period) / 1000)
  return micros(Math.min(Math.max(quota, minQuota), Number.MAX_SAFE_INTEGER))
}

/** The CPU limit that a quota stands for, rounded down; 0 for `max`, which is no limit. */
export function milliCpuFromQuota(quota: Micros | 'max', period: Micros): MilliCpu {
  if (quota === 'max' || period === 0) return milliCpu(0)
  return milliCpu(Math.min(Math.floor((quota * 1000) / period), Number.MAX_SAFE_INTEGER))
}

/**
 * How shares become a cgroup v2 weight. Linear: the kubelet for pods and QoS classes in
 * every release, runc before 1.3.2, crun before 1.23. Quadratic, so that 1 core has the
 * kernel's default of 100: runc from 1.3.2, crun from 1.23.
 */
export type WeightFormula = 'linear' | 'quadratic'

/** The one of more runtimes first. */
export const weightFormulas: readonly WeightFormula[] = ['linear', 'quadratic']

/** By which formula somebody made `weight` of `shares`; undefined where both or none would. */
export function weightFormulaOf(shares: CpuShares, weight: CpuWeight): WeightFormula | undefined {
  const fitting = weightFormulas.filter((formula) => weightFor(shares, formula) === weight)
  return fitting.length === 1 ? fitting[0] : undefined
}

/**
 * The cgroup v2 weight, 1 to 10000, for shares: 1024 becomes 39 by the linear formula and
 * 100 by the quadratic one.
 *
 * @see KEP-2254 (linear); opencontainers/cgroups, ConvertCPUSharesToCgroupV2Value (quadratic).
 */
export function weightFor(shares: CpuShares, formula: WeightFormula): CpuWeight {
  switch (formula) {
    case 'linear':
      return cpuWeight(1 + Math.floor(((shares - minShares) * 9999) / 262_142))
    case 'quadratic':
      return quadraticWeight(shares)
    default:
      return formula satisfies never
  }
}

function quadraticWeight(shares: CpuShares): CpuWeight {
  if (shares <= minShares) return cpuWeight(1)
  if (shares >= maxShares) return cpuWeight(10_000)
  const log = Math.log2(shares)
  return cpuWeight(Math.ceil(10 ** ((log * log + 125 * log) / 612 - 7 / 34)))
}

/**
 * The shares that a weight stands for. The linear one is the kubelet's, which loses up to
 * 26 shares: 1024 comes back as 998. For the quadratic one it is the most that have this
 * weight, or the next lower one if none has.
 *
 * @see kubelet's cpuWeightToCPUShares, pkg/kubelet/cm/cgroup_v2_manager_linux.go.
 */
export function sharesFromWeight(weight: CpuWeight, formula: WeightFormula = 'linear'): CpuShares {
  switch (formula) {
    case 'linear':
      return cpuShares(Math.floor(((weight - 1) * 262_142) / 9999) + minShares)
    case 'quadratic':
      return mostSharesWithin(weight)
    default:
      return formula satisfies never
  }
}

/** The most shares whose quadratic weight is not above `weight`. */
function mostSharesWithin(weight: CpuWeight): CpuShares {
  let low: number = minShares
  let high: number = maxShares
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (quadraticWeight(cpuShares(middle)) <= weight) low = middle
    else high = middle - 1
  }
  return cpuShares(low)
}

/**
 * The quota after systemd has had it: rounded up to the next 10 millicores, because
 * CPUQuotaPerSecUSec counts in steps of 10 ms per second.
 *
 * @see opencontainers/cgroups systemd/common.go, addCPUQuota; runc issue 4622.
 */
export function systemdQuota(quota: Micros, period: Micros): Micros {
  const perSecond = Math.floor((quota * 1_000_000) / period)
  const rounded = Math.ceil(perSecond / 10_000) * 10_000
  return micros(Math.min(Math.floor((rounded * period) / 1_000_000), Number.MAX_SAFE_INTEGER))
}
