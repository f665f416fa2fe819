import { resizeAgain } from './cures.ts'
import type { FindingMeaning } from './finding-meaning.ts'

/** RS: the state of the resize as the API tells it. */
export const resizeFindings = {
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
} as const satisfies Record<string, FindingMeaning>
