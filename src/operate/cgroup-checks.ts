import {
  checkKnobs,
  type CgroupLevel,
  type CompareOptions,
  type KnobCheck,
} from '../domain/cgroup/compare.ts'
import {
  containerKnobs,
  podKnobs,
  unlimitedWhereUnset,
  type CgroupKnobs,
  type PartialReading,
} from '../domain/cgroup/knobs.ts'
import { type Pod } from '../domain/pod.ts'
import { effectiveSize } from '../domain/pod-resources.ts'
import { bytes } from '../domain/units.ts'
import { type CgroupLook, type CgroupSight } from './cgroup-look.ts'
import { containerNamed } from './containers.ts'

type Seen = Extract<CgroupLook, { kind: 'seen' }>
type Read = Extract<CgroupSight, { kind: 'read' }>

/** One file of a cgroup held against the value of a size that it carries. */
export interface FileCheck extends Pick<KnobCheck, 'file' | 'found' | 'expected' | 'ok'> {
  readonly value: 'cpuRequest' | 'cpuLimit' | 'memoryLimit'
}

/** Whether systemd manages a cgroup: its units have these names. */
export function isSystemdPath(path: string): boolean {
  return /\.(slice|scope)(\/|$)/.test(path)
}

/** What decides which of the legal texts a file has. */
export type FileRules = Pick<CompareOptions, 'systemd' | 'formula' | 'version'> & {
  /** Bytes of a memory page. */
  readonly pageSize: number
}

const valueOfKnob = {
  cpuShares: 'cpuRequest',
  cpuQuota: 'cpuLimit',
  cpuPeriod: 'cpuLimit',
  memoryLimit: 'memoryLimit',
} as const satisfies Record<KnobCheck['knob'], FileCheck['value']>

/** From inside a container the path does not tell: then systemd's rounding is right, too. */
function rulesOf({ path }: Read, { pageSize, version, inside = false }: Seen): FileRules {
  return { systemd: inside || isSystemdPath(path), pageSize, version }
}

function checksFor(
  knobs: CgroupKnobs,
  reading: PartialReading,
  { pageSize, ...rules }: FileRules,
  level: CgroupLevel,
): readonly FileCheck[] {
  const how = { ...rules, level, pageSize: bytes(pageSize) }
  return (
    checkKnobs(unlimitedWhereUnset(knobs), reading, how)
      // The period only means something together with the quota; as it should be, it is noise.
      .filter(({ knob, ok }) => knob !== 'cpuPeriod' || !ok)
      .map(({ knob, file, found, expected, ok }) => ({
        value: valueOfKnob[knob],
        file,
        found,
        expected,
        ok,
      }))
  )
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
  const own = containerKnobs(effectiveSize(withoutPodLevel, spec))
  const effective = containerKnobs(effectiveSize(pod.spec, spec))
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
  return checksFor(podKnobs(pod.spec), reading, rules, 'pod')
}

/** `containerChecks` of a cgroup as it was found. */
export function checkContainerCgroup(
  pod: Pod,
  name: string,
  read: Read,
  look: Seen,
): readonly FileCheck[] {
  return containerChecks(pod, name, read.reading, rulesOf(read, look))
}

/** `podChecks` of a cgroup as it was found. */
export function checkPodCgroup(pod: Pod, read: Read, look: Seen): readonly FileCheck[] {
  return podChecks(pod, read.reading, rulesOf(read, look))
}
