import { checkKnobs, type CgroupLevel, type KnobCheck } from '../domain/cgroup/compare.ts'
import {
  containerKnobs,
  podKnobs,
  unlimitedWhereUnset,
  type CgroupKnobs,
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
function isSystemdPath(path: string): boolean {
  return /\.(slice|scope)(\/|$)/.test(path)
}

const valueOfKnob = {
  cpuShares: 'cpuRequest',
  cpuQuota: 'cpuLimit',
  cpuPeriod: 'cpuLimit',
  memoryLimit: 'memoryLimit',
} as const satisfies Record<KnobCheck['knob'], FileCheck['value']>

function checksFor(
  knobs: CgroupKnobs,
  { path, reading }: Read,
  { pageSize, inside = false }: Seen,
  level: CgroupLevel,
): readonly FileCheck[] {
  // From inside a container the path does not tell: then systemd's rounding is right, too.
  const how = { level, systemd: inside || isSystemdPath(path), pageSize: bytes(pageSize) }
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
 * What the files of a container's cgroup say, against the size that `pod` has for it. Under
 * pod-level limits the kubelet gives a container without limits of its own the pod's or none,
 * by release and by whether it was resized: both are right.
 *
 * @see kubernetes/kubernetes#135260
 */
export function checkContainerCgroup(
  pod: Pod,
  name: string,
  read: Read,
  look: Seen,
): readonly FileCheck[] {
  const spec = containerNamed(pod, name)?.spec
  if (spec === undefined) return []
  const { resources: _podLevel, ...withoutPodLevel } = pod.spec
  const own = containerKnobs(effectiveSize(withoutPodLevel, spec))
  const effective = containerKnobs(effectiveSize(pod.spec, spec))
  return eitherOf(
    checksFor(own, read, look, 'container'),
    checksFor(effective, read, look, 'container'),
  )
}

/** What the files of a pod's cgroup say, against what its containers' sizes add up to. */
export function checkPodCgroup(pod: Pod, read: Read, look: Seen): readonly FileCheck[] {
  return checksFor(podKnobs(pod.spec), read, look, 'pod')
}
