import { knobFiles, type KnobFile } from '../../domain/cgroup/files.ts'
import type { CgroupKnobs, CgroupReading } from '../../domain/cgroup/knobs.ts'
import { bytes, cpuShares, micros, type Bytes, type Micros } from '../../domain/units.ts'
import { CgroupError } from '../cgroup-error.ts'
import type { CgroupFiles } from '../cgroup-files.ts'
import { countIn } from '../file-text.ts'
import { readParts, type PartsRead } from '../read-parts.ts'
import { directoryOf } from './directory.ts'
import type { Hierarchies } from './hierarchies.ts'

/** "Unlimited" is the largest number of whole pages below 2^63; no page is larger than 2^20. */
const unlimitedFrom = 2n ** 63n - 2n ** 20n

/** The limit that a text asks for; the kernel takes `-1` for unlimited. A broken text asks for 0. */
function limitIn(text: string): bigint {
  const value = /^-?\d+$/.test(text) ? BigInt(text) : 0n
  return value < 0n || value > unlimitedFrom ? unlimitedFrom : value
}

function memoryLimitIn(text: string): Bytes | 'max' {
  const value = limitIn(text)
  return value === unlimitedFrom ? 'max' : bytes(Number(value))
}

function quotaIn(text: string): Micros | 'max' {
  return text.startsWith('-') ? 'max' : micros(countIn(text))
}

function isRefused(error: unknown): boolean {
  return error instanceof CgroupError && error.code === 'invalid'
}

/**
 * Writes quota and period. The kernel checks quota / period against the parent's and the
 * children's after each single write, so where the given order passes through an
 * impossible pair, the other order may not.
 */
function writeCpu(files: CgroupFiles, dir: string, writes: readonly KnobFile[]): void {
  const write = ({ file, value }: KnobFile) => files.write(dir, file, value)
  const [first, ...rest] = writes
  if (first === undefined) return
  try {
    write(first)
  } catch (error) {
    if (!isRefused(error) || rest.length === 0) throw error
    for (const other of rest) write(other)
    write(first)
    return
  }
  for (const other of rest) write(other)
}

/** Whether memory may be swapped beyond its limit: as it was, or not at all. */
type Swap = 'asItWas' | 'none'

/**
 * The writes that set the memory limit, in order. With swap accounting, memory + swap may never be limited below
 * memory alone, so it rises first and sinks last. It follows the limit down only where
 * the two were equal, which is how runtimes forbid swap, or where there is to be none.
 */
function memoryLimitWrites(
  files: CgroupFiles,
  dir: string,
  value: string,
  swapping: Swap,
): readonly (readonly [file: string, value: string])[] {
  const [file, swapFile] = ['memory.limit_in_bytes', 'memory.memsw.limit_in_bytes'] as const
  const swapText = files.readIfThere(dir, swapFile)
  if (swapText === undefined) return [[file, value]]
  const swap = limitIn(swapText)
  const limit = limitIn(files.read(dir, file))
  const wanted = limitIn(value)
  const together = swapping === 'none' || (swap === limit && limit !== unlimitedFrom)
  return [
    ...(swap < wanted ? [[swapFile, value] as const] : []),
    [file, value],
    ...(together && wanted < swap ? [[swapFile, value] as const] : []),
  ]
}

/** Writes the memory limit beside the event loop: the kernel first reclaims what is above it. */
export async function writeMemoryLimitSlowly(
  files: CgroupFiles,
  hierarchies: Hierarchies,
  path: string,
  limit: Bytes,
): Promise<void> {
  const dir = directoryOf(hierarchies, 'memory', path)
  for (const [file, value] of memoryLimitWrites(files, dir, `${limit}`, 'asItWas')) {
    await files.writeSlow(dir, file, value)
  }
}

export function writeKnobs(
  files: CgroupFiles,
  hierarchies: Hierarchies,
  path: string,
  knobs: CgroupKnobs,
  swapping: Swap = 'asItWas',
): void {
  const writes = knobFiles('v1', knobs, 'linear')
  const bandwidth = (one: KnobFile) => one.file.startsWith('cpu.cfs_')
  for (const one of writes) {
    const dir = directoryOf(hierarchies, one.controller, path)
    if (one.file === 'memory.limit_in_bytes') {
      for (const [file, value] of memoryLimitWrites(files, dir, one.value, swapping)) {
        files.write(dir, file, value)
      }
    } else if (!bandwidth(one)) files.write(dir, one.file, one.value)
  }
  const pair = writes.filter(bandwidth)
  if (pair.length > 0) writeCpu(files, directoryOf(hierarchies, 'cpu', path), pair)
}

export function readKnobs(
  files: CgroupFiles,
  hierarchies: Hierarchies,
  path: string,
): CgroupReading {
  return {
    ...sharesRead(files, hierarchies, path),
    ...bandwidthRead(files, hierarchies, path),
    ...memoryRead(files, hierarchies, path),
  }
}

/** The same, with what is wrong with the files that cannot be read. */
export function readKnobParts(
  files: CgroupFiles,
  hierarchies: Hierarchies,
  path: string,
): PartsRead {
  return readParts([
    () => sharesRead(files, hierarchies, path),
    () => bandwidthRead(files, hierarchies, path),
    () => memoryRead(files, hierarchies, path),
  ])
}

function sharesRead(files: CgroupFiles, hierarchies: Hierarchies, path: string) {
  const dir = directoryOf(hierarchies, 'cpu', path)
  return {
    cpu: { kind: 'shares', shares: cpuShares(countIn(files.read(dir, 'cpu.shares'))) },
  } as const
}

function bandwidthRead(files: CgroupFiles, hierarchies: Hierarchies, path: string) {
  const dir = directoryOf(hierarchies, 'cpu', path)
  return {
    cpuQuota: quotaIn(files.read(dir, 'cpu.cfs_quota_us')),
    cpuPeriod: micros(countIn(files.read(dir, 'cpu.cfs_period_us'))),
  }
}

function memoryRead(files: CgroupFiles, hierarchies: Hierarchies, path: string) {
  const dir = directoryOf(hierarchies, 'memory', path)
  return { memoryLimit: memoryLimitIn(files.read(dir, 'memory.limit_in_bytes')) }
}
