import { containerCgroupPath } from '../domain/cgroup/names.ts'
import { cgroupName } from './cgroup-path.ts'
import type { CgroupTree } from './cgroup-tree.ts'

/** Deep enough for a Kubernetes node that is itself a container in a pod. */
const deepest = 12

/** Whether `name` is a container's directory: `ID`, `crio-ID`, `cri-containerd-ID.scope`, `docker-ID.scope`. */
export function isContainerCgroup(name: string, containerId: string): boolean {
  if (name.startsWith('crio-conmon-')) return false
  return (
    name === containerId ||
    name.endsWith(`-${containerId}`) ||
    name.endsWith(`-${containerId}.scope`)
  )
}

function* below(
  tree: CgroupTree,
  path: string,
  enters: (path: string) => boolean = () => true,
  depth = 0,
): Generator<string> {
  for (const child of tree.children(path)) {
    yield child
    if (depth < deepest && enters(child)) yield* below(tree, child, enters, depth + 1)
  }
}

/** The UID in the name of a pod's directory, by either cgroup driver; undefined for any other name. */
export function podUidIn(name: string): string | undefined {
  const slice = /-pod([^-/]+)\.slice$/.exec(name)?.[1]
  if (slice !== undefined) return slice.replaceAll('_', '-')
  return /^pod([0-9a-f][-0-9a-f]+)$/i.exec(name)?.[1]
}

/**
 * The cgroup of every pod on this machine by UID, under any prefix, in one walk; the first found of several.
 *
 * @param nested whether to look into pods, too: a container may be the node of another Kubernetes.
 */
export function allPodCgroups(tree: CgroupTree, nested = true): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  const isPod = (path: string) => podUidIn(cgroupName(path)) !== undefined
  for (const path of below(tree, '/', (one) => nested || !isPod(one))) {
    const uid = podUidIn(cgroupName(path))
    if (uid !== undefined && !found.has(uid)) found.set(uid, path)
  }
  return found
}

/** Where the runtimes whose names podfit knows put a container in its pod's cgroup. */
export function usualContainerPaths(podPath: string, containerId: string): readonly string[] {
  const driver = podPath.endsWith('.slice') ? 'systemd' : 'cgroupfs'
  return (['containerd', 'cri-o'] as const).map((runtime) =>
    containerCgroupPath(podPath, containerId, driver, runtime),
  )
}

/** The cgroup of a container right below its pod's, or `undefined`. */
export function findContainerCgroup(
  tree: CgroupTree,
  podPath: string,
  containerId: string,
): string | undefined {
  return (
    usualContainerPaths(podPath, containerId).find((path) => tree.has(path)) ??
    tree.children(podPath).find((path) => isContainerCgroup(cgroupName(path), containerId))
  )
}
