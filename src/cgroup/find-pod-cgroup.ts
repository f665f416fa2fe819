import { cgroupName } from './cgroup-path.ts'
import type { CgroupTree } from './cgroup-tree.ts'

/** Deep enough for a Kubernetes node that is itself a container in a pod. */
const deepest = 12

/** Whether `name` is the directory of the pod with this UID, by either cgroup driver. */
export function isPodCgroup(name: string, uid: string): boolean {
  if (name === `pod${uid}`) return true
  return name.endsWith(`-pod${uid.replaceAll('-', '_')}.slice`)
}

/** Whether `name` is a container's directory: `ID`, `crio-ID`, `cri-containerd-ID.scope`, `docker-ID.scope`. */
export function isContainerCgroup(name: string, containerId: string): boolean {
  if (name.startsWith('crio-conmon-')) return false
  return (
    name === containerId ||
    name.endsWith(`-${containerId}`) ||
    name.endsWith(`-${containerId}.scope`)
  )
}

function* below(tree: CgroupTree, path: string, depth: number): Generator<string> {
  for (const child of tree.children(path)) {
    yield child
    if (depth < deepest) yield* below(tree, child, depth + 1)
  }
}

/**
 * The cgroups of the pod with this UID below `from`, under any prefix and in the spelling
 * of either driver. One, normally; none if the pod does not run here.
 */
export function findPodCgroups(tree: CgroupTree, uid: string, from = '/'): readonly string[] {
  const isWanted = (path: string) => isPodCgroup(cgroupName(path), uid)
  return below(tree, from, 0).filter(isWanted).toArray()
}

/** The cgroup of a container right below its pod's, or `undefined`. */
export function findContainerCgroup(
  tree: CgroupTree,
  podPath: string,
  containerId: string,
): string | undefined {
  return tree.children(podPath).find((path) => isContainerCgroup(cgroupName(path), containerId))
}
