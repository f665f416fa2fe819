import { resizeAgain } from './cures.ts'
import type { FindingMeaning } from './finding-meaning.ts'

const podDetail =
  'The node changed the container but not the pod around it (kubernetes#138760), or somebody wrote the file by hand'

/** CG2: a pod's own cgroup. */
export const podFindings = {
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
} as const satisfies Record<string, FindingMeaning>
