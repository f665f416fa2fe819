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

/** The UID in the name of a pod's directory, by either cgroup driver. */
export function podUidIn(name: string): string | undefined {
  const slice = /-pod([^-/]+)\.slice$/.exec(name)?.[1]
  if (slice !== undefined) return slice.replaceAll('_', '-')
  return /^pod([0-9a-f][-0-9a-f]+)$/i.exec(name)?.[1]
}

/** A pod's cgroup and those right below it, its containers'. */
export interface PodCgroup {
  readonly path: string
  readonly children: readonly string[]
}

/** The cgroups of every pod on this machine by UID, in one walk; the first found of several. */
export function allPodCgroups(tree: CgroupTree): ReadonlyMap<string, PodCgroup> {
  const found = new Map<string, { path: string; children: string[] }>()
  const byPath = new Map<string, { children: string[] }>()
  for (const path of below(tree, '/', 0)) {
    byPath.get(path.slice(0, path.lastIndexOf('/')))?.children.push(path)
    const uid = podUidIn(cgroupName(path))
    if (uid === undefined || found.has(uid)) continue
    const pod = { path, children: [] }
    found.set(uid, pod)
    byPath.set(path, pod)
  }
  return found
}

/** The cgroup of a container right below its pod's, or `undefined`. */
export function findContainerCgroup(
  tree: CgroupTree,
  podPath: string,
  containerId: string,
): string | undefined {
  return containerIn(tree.children(podPath), containerId)
}

/** The one of `paths` that is the container's. */
export function containerIn(paths: readonly string[], containerId: string): string | undefined {
  return paths.find((path) => isContainerCgroup(cgroupName(path), containerId))
}
