import {
  checkKnobs,
  type CgroupLevel,
  type CompareOptions,
  type KnobCheck,
} from '../../domain/cgroup/compare.ts'
import {
  containerKnobs,
  podKnobs,
  unlimitedWhereUnset,
  type CgroupKnobs,
  type PartialReading,
} from '../../domain/cgroup/knobs.ts'
import { defaultPeriod } from '../../domain/cgroup/cpu.ts'
import { type Pod } from '../../domain/pod.ts'
import { effectiveSize } from '../../domain/resources/pod-resources.ts'
import { bytes, type Micros } from '../../domain/units.ts'
import type { CgroupLook, CgroupRead } from './cgroup-look.ts'
import { containerNamed } from '../containers.ts'
import type { KubeletSight } from '../cluster/kubelet-policies.ts'
import { containerQuotaFree, podQuotaFree } from './quota-free.ts'

type Seen = Extract<CgroupLook, { kind: 'seen' }>

/** One file of a cgroup held against the value of a size that it carries. */
export interface FileCheck extends Pick<KnobCheck, 'file' | 'found' | 'expected' | 'ok'> {
  readonly value: 'cpuRequest' | 'cpuLimit' | 'memoryLimit'
  /** Why what was found is right, where it is not what the size alone comes to. */
  readonly note?: string
}

/** Whether systemd manages a cgroup: its units have these names. */
export function isSystemdPath(path: string): boolean {
  return /\.(slice|scope)(\/|$)/.test(path)
}

/** What decides which of the legal texts a file has. */
export type FileRules = Pick<CompareOptions, 'systemd' | 'formula' | 'version'> & {
  /** Bytes of a memory page. */
  readonly pageSize: number
  /** Why a CPU limit may be without a quota, if it may. */
  readonly noQuota?: string | undefined
}

const valueOfKnob = {
  cpuShares: 'cpuRequest',
  cpuQuota: 'cpuLimit',
  cpuPeriod: 'cpuLimit',
  memoryLimit: 'memoryLimit',
} as const satisfies Record<KnobCheck['knob'], FileCheck['value']>

/** From inside a container the path does not tell: then systemd's rounding is right, too. */
function rulesOf(
  { path, formula }: CgroupRead,
  { pageSize, version, inside = false }: Seen,
): FileRules {
  const systemd = inside || isSystemdPath(path)
  return { systemd, pageSize, version, ...(formula && { formula }) }
}

function checksFor(
  knobs: CgroupKnobs,
  reading: PartialReading,
  { pageSize, noQuota, ...rules }: FileRules,
  level: CgroupLevel,
): readonly FileCheck[] {
  const how = { ...rules, level, pageSize: bytes(pageSize) }
  const isUnlimited = noQuota !== undefined && reading.cpuQuota === 'max'
  return (
    checkKnobs(unlimitedWhereUnset(knobs), reading, how)
      // The period only means something together with the quota; as it should be, it is noise.
      .filter(({ knob, ok }) => knob !== 'cpuPeriod' || !ok)
      .map(({ knob, file, found, expected, ok }) => ({
        value: valueOfKnob[knob],
        file,
        found,
        expected,
        ...(!ok && knob === 'cpuQuota' && isUnlimited ? { ok: true, note: noQuota } : { ok }),
      }))
  )
}

/** A kubelet may have another period (cpuCFSQuotaPeriod): what counts is the ratio. */
function periodIn({ cpuPeriod }: PartialReading): Micros {
  return cpuPeriod === undefined || cpuPeriod === 0 ? defaultPeriod : cpuPeriod
}

function eitherOf(first: readonly FileCheck[], second: readonly FileCheck[]): readonly FileCheck[] {
  return first.map((check) => {
    const other = second.find(({ file }) => file === check.file)
    if (check.ok || other === undefined) return check
    return other.ok
      ? other
      : { ...check, expected: [...new Set([...check.expected, ...other.expected])] }
  })
}

/**
 * What a container's files say, against the size that `pod` has for it. Under pod-level
 * limits the kubelet gives a container without limits of its own the pod's or none, by
 * release and by whether it was resized: both are right.
 *
 * @see kubernetes/kubernetes#135260
 */
export function containerChecks(
  pod: Pod,
  name: string,
  reading: PartialReading,
  rules: FileRules,
): readonly FileCheck[] {
  const spec = containerNamed(pod, name)?.spec
  if (spec === undefined) return []
  const { resources: _podLevel, ...withoutPodLevel } = pod.spec
  const period = periodIn(reading)
  const own = containerKnobs(effectiveSize(withoutPodLevel, spec), period)
  const effective = containerKnobs(effectiveSize(pod.spec, spec), period)
  return eitherOf(
    checksFor(own, reading, rules, 'container'),
    checksFor(effective, reading, rules, 'container'),
  )
}

/** What the files of a pod's own cgroup say, against what its containers' sizes add up to. */
export function podChecks(
  pod: Pod,
  reading: PartialReading,
  rules: FileRules,
): readonly FileCheck[] {
  return checksFor(podKnobs(pod.spec, periodIn(reading)), reading, rules, 'pod')
}

/** `containerChecks` of a cgroup as it was found. */
export function checkContainerCgroup(
  pod: Pod,
  name: string,
  read: CgroupRead,
  look: Seen,
  kubelet?: KubeletSight,
): readonly FileCheck[] {
  const noQuota = containerQuotaFree(pod, name, read, kubelet)
  return containerChecks(pod, name, read.reading, { ...rulesOf(read, look), noQuota })
}

/** `podChecks` of a cgroup as it was found. */
export function checkPodCgroup(
  pod: Pod,
  read: CgroupRead,
  look: Seen,
  kubelet?: KubeletSight,
): readonly FileCheck[] {
  const noQuota = podQuotaFree(pod, look, kubelet)
  return podChecks(pod, read.reading, { ...rulesOf(read, look), noQuota })
}
