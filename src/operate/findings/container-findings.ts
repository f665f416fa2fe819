import { resizeAgain } from './cures.ts'
import type { FindingMeaning } from './finding-meaning.ts'

const outOfBand =
  'Somebody wrote the file by hand or by another agent, or the runtime did not carry out an update'

/** CG1: a container's cgroup. */
export const containerFindings = {
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
} as const satisfies Record<string, FindingMeaning>
