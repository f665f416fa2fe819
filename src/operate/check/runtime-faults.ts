import { atLeast, parseKubeVersion } from '../../domain/kube-version.ts'

/** Something that a version of a container runtime is known to do wrong. */
export interface RuntimeFault {
  readonly text: string
  readonly hint: string
  /** Where it is told of; absent if it was only measured. */
  readonly link?: string
  /** Resizing does not work at all. */
  readonly fatal: boolean
  /** Only with this cgroup version. */
  readonly cgroups?: 'v1' | 'v2'
}

type Version = readonly [number, number, number]

interface KnownFault extends RuntimeFault {
  readonly runtime: string
  /** The first version with it. @default every earlier one */
  readonly since?: Version
  /** The first version without it. @default none */
  readonly fixedIn?: Version
}

const knownFaults: readonly KnownFault[] = [
  {
    runtime: 'containerd',
    fixedIn: [1, 6, 9],
    text: 'does not report the sizes of containers (containerd#7023)',
    hint: 'upgrade to 1.6.9 or later: without it no resize is ever seen to be done',
    link: 'https://github.com/containerd/containerd/pull/7023',
    fatal: true,
  },
  {
    runtime: 'containerd',
    fixedIn: [1, 7, 0],
    cgroups: 'v2',
    text: 'keeps a swap limit for good, and fails to raise a memory limit above it',
    hint: 'upgrade to 1.7 or later: the error is "memory+swap limit should be >= memory limit"',
    fatal: false,
  },
  {
    runtime: 'cri-o',
    fixedIn: [1, 24, 2],
    text: 'does not report the sizes of containers',
    hint: 'upgrade to 1.24.2 or later',
    fatal: true,
  },
  {
    runtime: 'cri-o',
    since: [1, 34, 0],
    text: 'refuses every update, of the CPU too, while a container uses more than its memory limit (cri-o#9385)',
    hint: 'page cache counts as used: let the container free memory first, or ask for more',
    link: 'https://github.com/cri-o/cri-o/pull/9385',
    fatal: false,
  },
  {
    runtime: 'docker',
    text: 'is not known to resize in place',
    hint: 'cri-dockerd has to implement UpdateContainerResources and report sizes',
    fatal: false,
  },
  {
    runtime: 'crun',
    fixedIn: [1, 14, 3],
    text: 'may not start what newer containerd and CRI-O ask for: "unknown version specified" (crun#1485)',
    hint: 'upgrade to 1.14.3 or later',
    link: 'https://github.com/containers/crun/issues/1485',
    fatal: false,
  },
]

/**
 * The known faults of a runtime as a node names it: `containerd://1.6.20`. Those of one
 * cgroup version count unless the node is known to have the other.
 */
export function runtimeFaults(
  runtimeVersion: string,
  cgroups?: 'v1' | 'v2',
): readonly RuntimeFault[] {
  const [, runtime = '', ...numbers] =
    /^([\w-]+):\/\/v?(\d+)\.(\d+)(?:\.(\d+))?/.exec(runtimeVersion) ?? []
  const version = numbers.map((number) => Number(number ?? 0))
  return knownFaults.filter(
    (fault) =>
      fault.runtime === runtime &&
      (fault.since === undefined || !isBefore(version, fault.since)) &&
      (fault.fixedIn === undefined || isBefore(version, fault.fixedIn)) &&
      (fault.cgroups === undefined || cgroups === undefined || fault.cgroups === cgroups),
  )
}

/** What two versions are known to do wrong together. */
export function driverFaults(node: {
  readonly kubeletVersion: string
  readonly cgroupDriver?: string
  readonly cgroupVersion?: 'v1' | 'v2'
}): readonly RuntimeFault[] {
  const kubelet = parseKubeVersion(node.kubeletVersion)
  if (node.cgroupDriver !== 'systemd' || node.cgroupVersion === 'v2') return []
  if (kubelet === undefined || atLeast(kubelet, '1.33')) return []
  return [
    {
      text: 'on cgroup v1 a container with a CPU limit such as 4096m may not start (containerd#12496)',
      hint: 'runc from 1.3.2 on rounds quotas up as systemd does, this kubelet does not: use limits of whole 10m',
      link: 'https://github.com/containerd/containerd/issues/12496',
      fatal: false,
    },
  ]
}

function isBefore(version: readonly number[], fixed: Version): boolean {
  for (const [index, number] of fixed.entries()) {
    const own = version[index] ?? 0
    if (own !== number) return own < number
  }
  return false
}
