import { hostname, networkInterfaces } from 'node:os'
import { withAncestors } from '../cgroup/cgroup-path.ts'
import { qosCgroupName } from '../domain/cgroup/names.ts'
import { openCgroupTree } from '../cgroup/open-cgroup-tree.ts'
import { allPodCgroups, findContainerCgroup } from '../cgroup/find-pod-cgroup.ts'
import { systemPageSize } from '../cgroup/page-size.ts'
import { type CgroupTree } from '../cgroup/cgroup-tree.ts'
import { CgroupError } from '../cgroup/cgroup-error.ts'
import { type Pod } from '../domain/pod.ts'
import { type CgroupLook, type CgroupSight, type CgroupSource } from '../operate/cgroup-look.ts'
import { type UsageSample, type UsageSource } from '../operate/usage.ts'
import { containersOf } from '../operate/containers.ts'

/** A static pod's cgroup is named by the hash of its file, not by the UID of its API object. */
function nodeUid({ metadata }: Pod): string | undefined {
  return metadata.annotations?.['kubernetes.io/config.hash'] ?? metadata.uid
}

function bareId(containerId: string): string {
  return containerId.slice(containerId.lastIndexOf('/') + 1)
}

function sight(tree: CgroupTree, path: string | undefined): CgroupSight {
  if (path === undefined) return { kind: 'gone' }
  try {
    return { kind: 'read', path, reading: tree.read(path) }
  } catch (error) {
    if (!(error instanceof CgroupError)) throw error
    if (error.code === 'notFound') return { kind: 'gone' }
    return { kind: 'unreadable', path, why: error.message }
  }
}

/** The cgroups above a pod's, the next one first, up to that of all pods. */
function ancestorsOf(path: string): readonly string[] {
  const above = withAncestors(path).slice(0, -1)
  const root = above.findIndex((one) => qosCgroupName(one) === 'Guaranteed')
  return root === -1 ? [] : above.slice(root).toReversed()
}

/** This machine's own names: what a node here may be called, and its addresses. */
function ownNames(): ReadonlySet<string> {
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? [])
  return new Set([hostname().toLowerCase(), ...addresses.map(({ address }) => address)])
}

/** Why a pod without a cgroup here has none: the node's name and address tell. */
function whyUnseen(pod: Pod, mount: string, own: ReadonlySet<string>): string {
  const { nodeName } = pod.spec
  if (nodeName === undefined) return 'the pod is not on a node yet'
  const hostIp = pod.status?.hostIP
  const isHere = own.has(nodeName) || (hostIp !== undefined && own.has(hostIp))
  const node = hostIp === undefined ? nodeName : `${nodeName} (${hostIp})`
  return isHere
    ? `${mount} of this machine has no cgroup of the pod`
    : `the pod runs on node ${node}, not on this machine`
}

/** How long a walk through the tree answers for pods that it did not find, at least and at most. */
const walkLastsMs = { least: 20, most: 1000 }

/** This machine's cgroups: what they say, and what is used in them. */
export interface MachineCgroups extends CgroupSource, UsageSource {}

/**
 * The cgroup tree of this machine as a source. A pod runs here if its UID has a cgroup
 * here, whatever the node is called.
 */
function treeSource(tree: CgroupTree): MachineCgroups {
  const pageSize = systemPageSize()
  const names = ownNames()
  /** Paths stay for the life of a pod; finding them reads every directory of the tree. */
  let pathOfUid: ReadonlyMap<string, string> = new Map()
  let walkAgainAt = -Infinity

  function podPath(uid: string): string | undefined {
    const known = pathOfUid.get(uid)
    if (known !== undefined && tree.exists(known)) return known
    // Many pods that are not here must not cost a walk each.
    if (known === undefined && performance.now() < walkAgainAt) return undefined
    const began = performance.now()
    pathOfUid = allPodCgroups(tree)
    const took = performance.now() - began
    const lasts = Math.min(walkLastsMs.most, Math.max(walkLastsMs.least, 10 * took))
    walkAgainAt = performance.now() + lasts
    return pathOfUid.get(uid)
  }

  function look(pod: Pod): CgroupLook {
    const uid = nodeUid(pod)
    const path = uid === undefined ? undefined : podPath(uid)
    if (path === undefined) return { kind: 'unseen', why: whyUnseen(pod, tree.mount, names) }
    const containers = containersOf(pod).flatMap(({ spec, status }) => {
      if (status?.containerID === undefined) return []
      const found = findContainerCgroup(tree, path, bareId(status.containerID))
      return [[spec.name, sight(tree, found)] as const]
    })
    return {
      kind: 'seen',
      source: `this machine's cgroup ${tree.version}`,
      version: tree.version,
      pageSize,
      pod: sight(tree, path),
      ancestors: ancestorsOf(path).map((above) => sight(tree, above)),
      containers: Object.fromEntries(containers),
    }
  }

  function sample(pod: Pod): ReadonlyMap<string, UsageSample> | undefined {
    const uid = nodeUid(pod)
    const path = uid === undefined ? undefined : podPath(uid)
    if (path === undefined) return undefined
    const samples = containersOf(pod).flatMap(({ spec, status }) => {
      if (status?.containerID === undefined) return []
      const found = findContainerCgroup(tree, path, bareId(status.containerID))
      if (found === undefined) return []
      const cpuMicros: number = tree.cpuUsage(found).usage
      const memory: number = tree.memoryUsage(found).workingSet
      return [[spec.name, { at: performance.now(), cpuMicros, memory }] as const]
    })
    return new Map(samples)
  }

  return {
    async sample(pod) {
      try {
        return sample(pod)
      } catch {
        // It ended in between, or may not be read: then it is not seen here.
        return undefined
      }
    },
    async look(pod) {
      try {
        return look(pod)
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error)
        return { kind: 'unseen', why: `this machine's cgroups cannot be read: ${why}` }
      }
    },
  }
}

/** This machine's cgroups; without any (macOS, no cgroup mount) a source that says so. */
export function machineCgroups(): MachineCgroups {
  try {
    return treeSource(openCgroupTree())
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return {
      sample: () => Promise.resolve(undefined),
      look: () =>
        Promise.resolve({
          kind: 'unseen',
          why: `this machine has no cgroups to look at: ${why}`,
        }),
    }
  }
}
