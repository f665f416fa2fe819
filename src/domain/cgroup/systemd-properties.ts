import { systemdQuota, weightFor } from './cpu.ts'
import type { CgroupVersion } from './files.ts'
import type { CgroupKnobs } from './knobs.ts'

/** One property of a systemd unit: its D-Bus type (`t` is a 64-bit number) and its value as text. */
export interface UnitProperty {
  readonly name: string
  readonly type: 't' | 'b'
  readonly value: string
}

/** What systemd takes for "no limit". */
const infinity = '18446744073709551615'

/**
 * What systemd is told of a slice, so that it writes the same as was asked for when it
 * comes by again. It counts quotas in 10 ms per second, rounded up.
 *
 * @see systemd.resource-control(5); opencontainers/cgroups systemd/v1.go and v2.go
 */
export function sliceProperties(
  version: CgroupVersion,
  knobs: CgroupKnobs,
): readonly UnitProperty[] {
  const { cpuShares, cpuQuota, cpuPeriod, memoryLimit } = knobs
  const isV2 = version === 'v2'
  return [
    ...(cpuShares === undefined
      ? []
      : [
          isV2
            ? number('CPUWeight', weightFor(cpuShares, 'linear'))
            : number('CPUShares', cpuShares),
        ]),
    ...(cpuPeriod === undefined ? [] : [number('CPUQuotaPeriodUSec', cpuPeriod)]),
    ...(cpuQuota === undefined ? [] : [number('CPUQuotaPerSecUSec', perSecond(knobs))]),
    ...(memoryLimit === undefined
      ? []
      : [
          number(
            isV2 ? 'MemoryMax' : 'MemoryLimit',
            memoryLimit === 'max' ? infinity : memoryLimit,
          ),
        ]),
  ]
}

/** The same for files of cgroup v2 by name, as far as systemd has a property for them. */
export function unifiedProperties(
  files: Readonly<Record<string, string>>,
): readonly UnitProperty[] {
  const names: Readonly<Record<string, string>> = {
    'memory.min': 'MemoryMin',
    'memory.low': 'MemoryLow',
    'memory.high': 'MemoryHigh',
  }
  return Object.entries(files).flatMap(([file, value]) => {
    const name = names[file]
    return name === undefined ? [] : [number(name, value === 'max' ? infinity : value)]
  })
}

/** Has systemd switch the controllers on, as the kubelet asks for. */
export const accounting: readonly UnitProperty[] = [
  'CPUAccounting',
  'MemoryAccounting',
  'TasksAccounting',
  'IOAccounting',
].map((name) => ({ name, type: 'b', value: 'true' }))

/** The knobs with their quota as systemd has it: what is written to the file must agree. */
export function roundedForSystemd(knobs: CgroupKnobs): CgroupKnobs {
  const { cpuQuota, cpuPeriod } = knobs
  if (cpuQuota === undefined || cpuQuota === 'max' || cpuPeriod === undefined) return knobs
  return { ...knobs, cpuQuota: systemdQuota(cpuQuota, cpuPeriod) }
}

function number(name: string, value: number | string): UnitProperty {
  return { name, type: 't', value: String(value) }
}

function perSecond({ cpuQuota, cpuPeriod }: CgroupKnobs): number | string {
  if (cpuQuota === undefined || cpuQuota === 'max' || cpuPeriod === undefined) return infinity
  const rounded = systemdQuota(cpuQuota, cpuPeriod)
  return Math.ceil((rounded * 1_000_000) / cpuPeriod / 10_000) * 10_000
}
