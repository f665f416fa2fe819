/** What a finding means for the verdict. */
export type FindingLevel =
  /** The layers disagree, or the node says no. */
  | 'error'
  /** Something could not be looked at, or cannot be judged at this moment. */
  | 'warning'

export interface FindingMeaning {
  readonly level: FindingLevel
  /** Whether it goes away by itself, soon: then it is worth to look again. @default false */
  readonly passing?: boolean
  readonly title: string
  readonly cause: string
  readonly cure: string
  /** What there is to know besides, for the documentation page. */
  readonly details?: string
}

const outOfBand =
  'Somebody wrote the file by hand or by another agent, or the runtime did not carry out an update'
const resizeAgain =
  'Ask for the size again (a resize by 1m is enough) and see who else writes cgroups on the node'
const podDetail =
  'The node changed the container but not the pod around it (kubernetes#138760), or somebody wrote the file by hand'

/**
 * Every finding that podfit names. The code never changes its meaning: RS is the state of
 * the resize as the API tells it, CG1 a container's cgroup, CG2 a pod's, CG3 what cannot be
 * seen, CG4 those above the pod's.
 */
export const findingTable = {
  RS101: {
    level: 'warning',
    title: 'The resize is deferred',
    details:
      'The old size holds until there is room. `podfit why` names the pods that hold the room, in order of what would help.',
    cause: 'The node has no room for the requests now',
    cure: 'Free requests on the node, or ask for less; the node tries again by itself',
  },
  RS102: {
    level: 'error',
    title: 'The resize is infeasible',
    cause: 'The node can never grant it',
    cure: 'Ask for a size that the node can hold; it is not tried again by itself',
    details:
      'The wish stays in the spec: a container that restarts may get it then (kubernetes#126033). `podfit why` prints the command that gives it up.',
  },
  RS103: {
    level: 'error',
    title: 'The resize fails on the node',
    details: '`podfit why` says whether the error goes away by itself.',
    cause: "The runtime refused the update; the message is the runtime's own",
    cure: 'The node tries again by itself; for memory, free some inside the container or ask for more',
  },
  RS104: {
    level: 'warning',
    passing: true,
    title: 'The resize is in progress',
    cause: 'The node is at work on it',
    cure: 'Look again in a moment',
  },
  RS105: {
    level: 'error',
    title: 'The node has granted another size than is asked for',
    cause: 'The node has not taken up the change of the pod, or knows no resizing',
    cure: 'Look at the node agent and its events; Kubernetes before 1.33 needs a feature gate',
  },
  RS106: {
    level: 'error',
    title: 'The status reports another size than is asked for',
    cause: 'The change was not carried out, or a cgroup was changed behind the node',
    cure: resizeAgain,
  },
  RS107: {
    level: 'warning',
    passing: true,
    title: 'The container is not running',
    cause: 'It starts, restarts or has ended: there is nothing to compare now',
    cure: 'Look again when it runs',
  },
  RS108: {
    level: 'warning',
    passing: true,
    title: 'The node has not seen the newest change yet',
    cause: 'status.observedGeneration is behind metadata.generation',
    cure: 'Look again in a moment; if it stays, look at the node agent',
  },
  RS109: {
    level: 'warning',
    title: 'The node does not report the sizes of containers',
    cause:
      'The kubelet is older than 1.33, or the feature gate InPlacePodVerticalScaling is off on the node',
    cure: 'To resize there in place, enable the feature gate on the node, or upgrade it to 1.33',
    details:
      'What was granted is not known, so the cgroups are held to the desired size. Such a node carries out no resize: a size that was changed since the container started shows as a difference in the kernel.',
  },
  CG101: {
    level: 'error',
    title: "The container's CPU limit in the kernel differs",
    cause: outOfBand,
    cure: resizeAgain,
  },
  CG102: {
    level: 'error',
    title: "The container's CPU weight in the kernel differs",
    cause: outOfBand,
    cure: resizeAgain,
  },
  CG103: {
    level: 'error',
    title: "The container's memory limit in the kernel differs",
    cause: outOfBand,
    cure: resizeAgain,
  },
  CG104: {
    level: 'warning',
    title: 'The node enforces no CPU limits',
    cause: 'The kubelet runs with cpuCFSQuota: false, or somebody took the quotas away everywhere',
    cure: "Compare with the kubelet's configuration (/configz), which podfit may not see here",
    details:
      'Where the configuration can be seen (get on nodes/proxy), limits without a quota are right or wrong by it, and this is not said.',
  },
  CG105: {
    level: 'error',
    title: 'The container is slowed down at another memory size than it should be',
    cause: 'memory.high was left behind by a resize, or by MemoryQoS before it was turned off',
    cure: 'Restart the container, or write the value into memory.high by hand',
    details:
      "Above memory.high the kernel makes a container's processes wait instead of killing one. The kubelet sets it with MemoryQoS, and leaves an old value where a new size needs none. Without its configuration only a value below the request is told.",
  },
  CG106: {
    level: 'warning',
    title: "The container's memory protection in the kernel differs",
    cause: 'memory.min, memory.low or memory.high is of another size than the container has now',
    cure: resizeAgain,
    details:
      'The kubelet sets them with MemoryQoS, by the memory request, and from 1.36 on by memoryReservationPolicy.',
  },
  CG107: {
    level: 'warning',
    title: "The container's oom_score_adj differs",
    cause:
      'The process, or somebody else, has changed it since the container started; or the runtime may not lower it (rootless, or without CAP_SYS_RESOURCE)',
    cure: 'See what writes it; where the runtime may, the next start of the container sets it anew',
    details:
      'It is only judged where the size has not changed since the container started: no runtime changes it later (kubernetes#130657).',
  },
  CG201: {
    level: 'error',
    title: "The pod's CPU limit in the kernel differs",
    cause: podDetail,
    cure: resizeAgain,
  },
  CG202: {
    level: 'error',
    title: "The pod's CPU weight in the kernel differs",
    cause: podDetail,
    cure: resizeAgain,
  },
  CG203: {
    level: 'error',
    title: "The pod's memory limit in the kernel differs",
    cause: podDetail,
    cure: resizeAgain,
  },
  CG204: {
    level: 'warning',
    title: "The pod's memory protection in the kernel differs",
    cause:
      'The kubelet does not write memory.min and memory.low of a pod again in a resize, or somebody wrote the file by hand',
    cure: 'Restart the kubelet, or write the value by hand; the containers have their own protection below it',
  },
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
  CG401: {
    level: 'warning',
    title: 'A cgroup above the pod holds it down',
    cause:
      'Somebody set a limit on a cgroup that Kubernetes leaves without, or one that is too small',
    cure: 'See who writes it; the kubelet sets limits only on the cgroup of all pods',
  },
  CG402: {
    level: 'warning',
    title: 'The CPU weight of a QoS class in the kernel differs',
    cause: 'The kubelet sets it once a minute, or somebody wrote the file by hand',
    cure: 'Look again after a minute; if it stays, see who writes cgroups on the node',
  },
  CG403: {
    level: 'warning',
    title: 'The cgroup of all pods is smaller than the node says',
    cause: 'The reservations of the kubelet changed, or somebody wrote the file by hand',
    cure: 'Compare with kubeReserved and systemReserved; pods that fit may be killed there (kubernetes#141609)',
  },
  CG404: {
    level: 'warning',
    title: 'A cgroup that Kubernetes has above its pods is missing',
    cause:
      'The kubelet runs with cgroupsPerQOS: false, another program lays out the cgroups, or they change at this moment',
    cure: 'Compare the path of the pod with the cgroup settings of the kubelet; what is not there was not verified',
  },
  CG405: {
    level: 'warning',
    title: 'The memory protection of a QoS class or of all pods in the kernel differs',
    cause:
      'The kubelet sets memory.min and memory.low above pods once a minute, or somebody wrote the file by hand',
    cure: 'Look again after a minute; if it stays, see who writes cgroups on the node: what is not protected there is not protected in its pods',
    details:
      'With MemoryQoS they are what the pods request together: until 1.35 and with TieredReservation that of the Burstable pods on their class and of all pods on the cgroup of all pods, else nothing. It is judged while no pod of the node changes.',
  },
} as const satisfies Record<string, FindingMeaning>

export type FindingCode = keyof typeof findingTable

/** One thing that is not as it should be, with everything needed to act on it. */
export interface Finding {
  readonly code: FindingCode
  /** Absent for the pod as a whole. */
  readonly container?: string
  /** What was seen, with the numbers. */
  readonly message: string
  readonly file?: string
  readonly found?: string
  /** Every value that would be right. */
  readonly expected?: readonly string[]
  /** Issues of Kubernetes and others that look like this: `kubernetes#138760`. */
  readonly upstream?: readonly string[]
  /** Another look may not find it: somebody did not answer, or something changed in between. */
  readonly fleeting?: boolean
}

/** Whether it goes away by itself, soon. */
export function isPassing({ code }: Finding): boolean {
  const { passing = false }: FindingMeaning = findingTable[code]
  return passing
}

export function levelOf({ code }: Finding): FindingLevel {
  return findingTable[code].level
}
