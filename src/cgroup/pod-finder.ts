import type { CgroupTree } from './cgroup-tree.ts'
import { allPodCgroups, findContainerCgroup } from './find-pod-cgroup.ts'

/** How long a walk through the tree answers for pods that it did not find, at least and at most. */
const walkLastsMs = { least: 20, most: 1000 }

/** Where pods and containers are in a tree. Paths stay for the life of a pod, so they are kept. */
export interface PodFinder {
  /** The cgroup of the pod with this UID; `anew` if the known one is gone. */
  pod(uid: string, how?: { readonly anew: boolean }): string | undefined
  /** Whether any pod has a cgroup here, by the last walk. */
  hasPods(): boolean
  /** The cgroup of a container in that of the pod with this UID. */
  container(uid: string, id: string): string | undefined
}

/**
 * Finding a pod walks the tree once for all pods; many that are not there cost no walk each. It
 * walks into pods, where another Kubernetes may have its own, only for those that are not found
 * outside: most of the tree is below pods.
 */
export function podFinder(tree: CgroupTree): PodFinder {
  let found: ReadonlyMap<string, string> = new Map()
  let nested = false
  /** By ID. They are where their pods are: a walk begins anew with them. */
  const containers = new Map<string, string>()
  let walkAgainAt = -Infinity

  function walkFor(uid: string): void {
    const began = performance.now()
    containers.clear()
    found = allPodCgroups(tree, nested)
    if (!nested && !found.has(uid)) {
      found = allPodCgroups(tree, true)
      nested = found.has(uid)
    }
    const took = performance.now() - began
    const lasts = Math.min(walkLastsMs.most, Math.max(walkLastsMs.least, 10 * took))
    walkAgainAt = performance.now() + lasts
  }

  return {
    pod(uid, { anew = false } = { anew: false }) {
      const known = found.get(uid)
      if (known !== undefined && !anew) return known
      if (known === undefined && performance.now() < walkAgainAt) return undefined
      walkFor(uid)
      return found.get(uid)
    },
    hasPods: () => found.size > 0,
    container(uid, id) {
      const known = containers.get(id)
      if (known !== undefined) return known
      const pod = found.get(uid)
      const path = pod === undefined ? undefined : findContainerCgroup(tree, pod, id)
      if (path !== undefined) containers.set(id, path)
      return path
    },
  }
}
