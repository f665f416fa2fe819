/** A number that carries its unit in its type, so that millicores never meet bytes. */
declare const unit: unique symbol
type Unit<Name extends string> = number & { readonly [unit]: Name }

/** CPU in thousandths of a core. An integer, 0 or more. */
export type MilliCpu = Unit<'MilliCpu'>

/** Memory in bytes. An integer, 0 or more, exact up to 2^53 - 1 (9 PB). */
export type Bytes = Unit<'Bytes'>

/** Time in microseconds, as CFS quotas and periods have it. An integer, 0 or more. */
export type Micros = Unit<'Micros'>

/** Relative CPU share of cgroup v1 (`cpu.shares`), 2 to 262144. */
export type CpuShares = Unit<'CpuShares'>

/** Relative CPU share of cgroup v2 (`cpu.weight`), 1 to 10000. */
export type CpuWeight = Unit<'CpuWeight'>

function whole(value: number, name: string, low: number, high: number): number {
  if (Number.isSafeInteger(value) && value >= low && value <= high) return value
  throw new RangeError(
    `Cannot use ${value} as ${name}: it must be a whole number from ${low} to ${high}`,
  )
}

/** @throws RangeError if `value` is not a whole number from 0 to 2^53 - 1. */
export function milliCpu(value: number): MilliCpu {
  return whole(value, 'millicores', 0, Number.MAX_SAFE_INTEGER) as MilliCpu
}

/** @throws RangeError if `value` is not a whole number from 0 to 2^53 - 1. */
export function bytes(value: number): Bytes {
  return whole(value, 'bytes', 0, Number.MAX_SAFE_INTEGER) as Bytes
}

/** @throws RangeError if `value` is not a whole number from 0 to 2^53 - 1. */
export function micros(value: number): Micros {
  return whole(value, 'microseconds', 0, Number.MAX_SAFE_INTEGER) as Micros
}

/** @throws RangeError if `value` is outside 2 to 262144, the kernel's range. */
export function cpuShares(value: number): CpuShares {
  return whole(value, 'cpu.shares', 2, 262_144) as CpuShares
}

/** @throws RangeError if `value` is outside 1 to 10000, the kernel's range. */
export function cpuWeight(value: number): CpuWeight {
  return whole(value, 'cpu.weight', 1, 10_000) as CpuWeight
}
