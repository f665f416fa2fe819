import type { WeightFormula } from '../../domain/cgroup/cpu.ts'
import { innerCgroup } from '../../domain/cgroup/compare.ts'
import { knobFiles } from '../../domain/cgroup/files.ts'
import type { CgroupKnobs, CgroupReading, LimitReading } from '../../domain/cgroup/knobs.ts'
import { bytes, cpuWeight, micros, type Bytes, type Micros } from '../../domain/units.ts'
import type { CgroupFiles } from '../cgroup-files.ts'
import { countIn } from '../file-text.ts'
import { readParts, type PartsRead } from '../read-parts.ts'

function limitIn<T>(text: string, make: (value: number) => T): T | 'max' {
  return text === 'max' ? 'max' : make(countIn(text))
}

export function writeKnobs(
  files: CgroupFiles,
  dir: string,
  knobs: CgroupKnobs,
  formula: WeightFormula = 'linear',
): void {
  for (const { file, value } of knobFiles('v2', knobs, formula)) files.write(dir, file, value)
}

/** crun has a cgroup of its own for the processes below systemd's scope, with the same limits. */
export function writeContainerKnobs(
  files: CgroupFiles,
  dir: string,
  knobs: CgroupKnobs,
  formula: WeightFormula | undefined,
): void {
  const { cpuShares: _unknown, ...others } = knobs
  const inner = `${dir}/${innerCgroup}`
  for (const place of files.exists(inner) ? [dir, inner] : [dir]) {
    writeKnobs(files, place, formula === undefined ? others : knobs, formula)
  }
}

export function readKnobs(files: CgroupFiles, dir: string): CgroupReading {
  return { ...weightIn(files, dir), ...limitsIn(files, dir), ...innerLimits(files, dir) }
}

/** The same, with what is wrong with the files that cannot be read. */
export function readKnobParts(files: CgroupFiles, dir: string): PartsRead {
  return readParts([
    () => weightIn(files, dir),
    () => quotaIn(files, dir),
    () => memoryIn(files, dir),
    () => innerLimits(files, dir),
  ])
}

function weightIn(files: CgroupFiles, dir: string): Pick<CgroupReading, 'cpu'> {
  return { cpu: { kind: 'weight', weight: cpuWeight(countIn(files.read(dir, 'cpu.weight'))) } }
}

function quotaIn(files: CgroupFiles, dir: string): Omit<LimitReading, 'memoryLimit'> {
  const [quota = 'max', period] = files.read(dir, 'cpu.max').split(' ')
  return { cpuQuota: limitIn<Micros>(quota, micros), cpuPeriod: micros(countIn(period)) }
}

function memoryIn(files: CgroupFiles, dir: string): Pick<LimitReading, 'memoryLimit'> {
  return { memoryLimit: limitIn<Bytes>(files.read(dir, 'memory.max'), bytes) }
}

function limitsIn(files: CgroupFiles, dir: string): LimitReading {
  return { ...quotaIn(files, dir), ...memoryIn(files, dir) }
}

/** crun gives its inner cgroup no controllers where it cannot: then nothing limits there. */
function innerLimits(files: CgroupFiles, dir: string): Pick<CgroupReading, 'inner'> {
  const inner = `${dir}/${innerCgroup}`
  if (!files.exists(inner) || files.readIfThere(inner, 'cpu.max') === undefined) return {}
  return { inner: limitsIn(files, inner) }
}
