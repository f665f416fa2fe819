import type { FindingMeaning } from './finding-meaning.ts'

/** CG3: what cannot be seen. */
export const sightFindings = {
  CG301: {
    level: 'warning',
    title: 'The cgroups cannot be seen from here',
    cause: 'The pod runs on another machine, and no shell could be started in its containers',
    cure: 'Run podfit verify on the node, or get the permission to create pods/exec',
  },
  CG302: {
    level: 'error',
    title: 'A running container or pod has no cgroup',
    cause:
      'The cgroup was removed behind the runtime, or it is laid out in a way podfit does not know',
    cure: 'Compare /proc/PID/cgroup of the container with what podfit looked for',
  },
  CG303: {
    level: 'warning',
    title: 'A cgroup file cannot be read',
    cause: 'Missing permission, or a controller that is not enabled',
    cure: 'Run as root; see which controllers /sys/fs/cgroup has',
    details: 'The other files of the cgroup are compared all the same.',
  },
  CG304: {
    level: 'warning',
    title: "The pod's own cgroup cannot be seen from here",
    cause: 'The pod runs on another machine: podfit looked from inside its containers by exec',
    cure: "Run podfit verify on the node for the pod's cgroup and those above it",
    details:
      'A container sees its own cgroup and none above it. Its CPU and memory limits and its CPU weight were compared.',
  },
  CG305: {
    level: 'warning',
    title: 'The container cannot be looked into',
    cause: 'Its image has no shell, or pods/exec is not permitted',
    cure: 'Run podfit verify on the node',
    details:
      'podfit starts `sh` inside for a moment, which reads files below /sys/fs/cgroup with built-ins alone and changes nothing.',
  },
  CG306: {
    level: 'warning',
    title: 'A container has no cgroup that podfit can find',
    cause:
      'Its runtime is one that podfit does not know, or one whose containers have no cgroup of their own on the node (Kata and other virtual machines)',
    cure: "The pod's cgroup was verified; for the container ask the runtime, or podfit verify --source exec",
  },
  CG307: {
    level: 'warning',
    title: 'The container runtime does not answer',
    cause: 'It is not running, another socket is the right one, or podfit may not connect to it',
    cure: 'Run as root, or say which socket it is: --runtime-endpoint',
    details: 'The cgroups were looked for by their names instead.',
  },
} as const satisfies Record<string, FindingMeaning>
