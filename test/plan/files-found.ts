import { checkKnobs } from '../../src/domain/cgroup/compare.ts'
import type { PartialReading } from '../../src/domain/cgroup/knobs.ts'
import { minShares } from '../../src/domain/cgroup/cpu.ts'
import type { CgroupLook, CgroupSight } from '../../src/operate/cgroups/cgroup-look.ts'
import type { ExpectedFile } from '../../src/operate/cgroups/expected-files.ts'

type Texts = ReadonlyMap<string, string>

/** What the files of the pod's cgroup and of one of its containers say, by file name. */
export function filesFound(look: CgroupLook, container: string): { container: Texts; pod: Texts } {
  if (look.kind === 'unseen') throw new Error(look.why)
  return { container: textsOf(look.containers[container]), pod: textsOf(look.pod) }
}

function textsOf(sight: CgroupSight | undefined): Texts {
  if (sight?.kind !== 'read') throw new Error(`The cgroup is ${sight?.kind ?? 'not there'}`)
  return new Map(every(sight.reading).map(({ file, found }) => [file, found]))
}

function every(reading: PartialReading) {
  const any = { cpuShares: minShares, cpuQuota: 'max', memoryLimit: 'max' } as const
  return checkKnobs(any, reading, { level: 'container', systemd: false })
}

/** The files that say something else than was expected; one without another value is the only right one. */
export function differing(expected: readonly ExpectedFile[], found: Texts): readonly string[] {
  return expected
    .filter(({ file, value, or = [] }) => ![value, ...or].includes(found.get(file) ?? ''))
    .map(({ file, value }) => `${file} says ${found.get(file)}, the plan ${value}`)
}
