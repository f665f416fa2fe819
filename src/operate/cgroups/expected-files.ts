import {
  defaultPeriod,
  minShares,
  weightFormulaOf,
  type WeightFormula,
} from '../../domain/cgroup/cpu.ts'
import type { CgroupVersion } from '../../domain/cgroup/files.ts'
import {
  containerKnobs,
  type CgroupReading,
  type PartialReading,
} from '../../domain/cgroup/knobs.ts'
import { usualPageSize } from '../../domain/cgroup/memory.ts'
import type { Pod } from '../../domain/pod.ts'
import { sizeOf } from '../../domain/resources/size.ts'
import { cpuWeight } from '../../domain/units.ts'
import {
  containerChecks,
  isSystemdPath,
  podChecks,
  type FileCheck,
  type FileRules,
} from './cgroup-checks.ts'
import type { CgroupLook, CgroupSight } from './cgroup-look.ts'
import { containersOf } from '../containers.ts'
import { enforcesCpuLimits, type KubeletSight } from '../cluster/kubelet-policies.ts'
import type { PodPart } from '../pod-part.ts'

/** One file of a cgroup as it will be. */
export interface ExpectedFile {
  readonly file: string
  readonly value: string
  /** Other values that are as right: which one it will be cannot be known from here. */
  readonly or?: readonly string[]
}

/** What the cgroup files will say after a resize. */
export interface ExpectedFiles {
  /** None where the pod's own size changes. */
  readonly container: readonly ExpectedFile[]
  readonly pod: readonly ExpectedFile[]
  /** What was taken for granted, because it cannot be seen from here. */
  readonly assumed: readonly string[]
}

export interface FilesQuestion {
  /** As it is now. */
  readonly pod: Pod
  /** With the new size. */
  readonly wanted: Pod
  /** Whose size it is. */
  readonly part: PodPart
  readonly look: CgroupLook
  /** Undefined where the pod's node cannot be seen. */
  readonly kubelet: KubeletSight | undefined
}

/**
 * What the files will say by all that is known of the node: its cgroups if they can be
 * seen, else what its kubelet tells. `verify` takes the same values for right.
 */
export function expectedFiles(question: FilesQuestion): ExpectedFiles {
  const { wanted, part, look, kubelet } = question
  const version = versionOf(look, kubelet)
  const systemd = systemdOf(look, kubelet)
  const formula = formulaOf(question.pod, look)
  const rules: FileRules = {
    systemd: systemd ?? true,
    pageSize: look.kind === 'seen' ? look.pageSize : usualPageSize,
    ...(formula && { formula }),
  }
  const reading = untouched[version ?? 'v2']
  const enforced = enforcesCpuLimits(kubelet)
  const asExpected = (check: FileCheck) =>
    enforced || check.value !== 'cpuLimit' ? asItShould(check) : asItIs(check)
  const container = part === undefined ? [] : containerChecks(wanted, part, reading, rules)
  const files = {
    container: container.map(asExpected),
    pod: podChecks(wanted, reading, rules).map(asExpected),
  }
  const open = new Set(
    [...files.container, ...files.pod].flatMap((one) => (one.or ? one.file : [])),
  )
  return {
    ...files,
    assumed: [
      ...(version === undefined ? ['cgroup v2'] : []),
      ...(open.has('cpu.weight')
        ? ['cpu.weight as runc before 1.3.2 and crun before 1.23 make it, or as later ones do']
        : []),
      ...(systemd === undefined && (open.has('cpu.max') || open.has('cpu.cfs_quota_us'))
        ? ['the quota as it is, or as the systemd driver rounds it']
        : []),
    ],
  }
}

/** What a cgroup says that nobody has given anything. */
const untouched: Readonly<Record<CgroupVersion, CgroupReading>> = {
  v1: {
    cpu: { kind: 'shares', shares: minShares },
    cpuQuota: 'max',
    cpuPeriod: defaultPeriod,
    memoryLimit: 'max',
  },
  v2: {
    cpu: { kind: 'weight', weight: cpuWeight(1) },
    cpuQuota: 'max',
    cpuPeriod: defaultPeriod,
    memoryLimit: 'max',
  },
}

function asItShould({ file, expected: [value = '', ...or] }: FileCheck): ExpectedFile {
  return { file, value, ...(or.length > 0 && { or }) }
}

function asItIs({ file, found }: FileCheck): ExpectedFile {
  return { file, value: found }
}

function versionOf(look: CgroupLook, kubelet: KubeletSight | undefined): CgroupVersion | undefined {
  if (look.kind === 'seen') return look.version
  return kubelet !== undefined && 'cgroupVersion' in kubelet ? kubelet.cgroupVersion : undefined
}

function systemdOf(look: CgroupLook, kubelet: KubeletSight | undefined): boolean | undefined {
  if (look.kind === 'seen' && look.inside !== true && 'path' in look.pod) {
    return isSystemdPath(look.pod.path)
  }
  const driver =
    kubelet !== undefined && 'cgroupDriver' in kubelet ? kubelet.cgroupDriver : undefined
  return driver === undefined ? undefined : driver === 'systemd'
}

/** The runtime goes on as it began: by the weight that it gave to what the container has now. */
function formulaOf(pod: Pod, look: CgroupLook): WeightFormula | undefined {
  if (look.kind === 'unseen') return undefined
  for (const { spec, status } of containersOf(pod)) {
    const cpu = readingOf(look.containers[spec.name])?.cpu
    const { cpuShares } = containerKnobs(sizeOf(status?.resources ?? spec.resources))
    if (cpu?.kind !== 'weight' || cpuShares === undefined) continue
    const formula = weightFormulaOf(cpuShares, cpu.weight)
    if (formula !== undefined) return formula
  }
  return undefined
}

function readingOf(sight: CgroupSight | undefined): PartialReading | undefined {
  return sight?.kind === 'read' ? sight.reading : undefined
}
