import { knobFiles } from '../../domain/cgroup/files.ts'
import type { CgroupKnobs, CgroupReading } from '../../domain/cgroup/knobs.ts'
import { bytes, cpuWeight, micros, type Bytes, type Micros } from '../../domain/units.ts'
import type { CgroupFiles } from '../cgroup-files.ts'
import { countIn } from '../file-text.ts'

function limitIn<T>(text: string, make: (value: number) => T): T | 'max' {
  return text === 'max' ? 'max' : make(countIn(text))
}

export function writeKnobs(files: CgroupFiles, dir: string, knobs: CgroupKnobs): void {
  for (const { file, value } of knobFiles('v2', knobs, 'linear')) files.write(dir, file, value)
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
