import type { WeightFormula } from '../../domain/cgroup/cpu.ts'
import { knobFiles } from '../../domain/cgroup/files.ts'
import type { CgroupKnobs, CgroupReading } from '../../domain/cgroup/knobs.ts'
import { bytes, cpuWeight, micros, type Bytes, type Micros } from '../../domain/units.ts'
import type { CgroupFiles } from '../cgroup-files.ts'
import { countIn } from '../file-text.ts'

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
  const inner = `${dir}/container`
  for (const place of files.exists(inner) ? [dir, inner] : [dir]) {
    writeKnobs(files, place, formula === undefined ? others : knobs, formula)
  }
}

export function readKnobs(files: CgroupFiles, dir: string): CgroupReading {
  const [quota = 'max', period] = files.read(dir, 'cpu.max').split(' ')
  return {
    cpu: { kind: 'weight', weight: cpuWeight(countIn(files.read(dir, 'cpu.weight'))) },
    cpuQuota: limitIn<Micros>(quota, micros),
    cpuPeriod: micros(countIn(period)),
    memoryLimit: limitIn<Bytes>(files.read(dir, 'memory.max'), bytes),
  }
}
