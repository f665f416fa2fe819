import { hostname, networkInterfaces } from 'node:os'
import { withAncestors } from '../cgroup/cgroup-path.ts'
import { qosCgroupName } from '../domain/cgroup/names.ts'
import { openCgroupTree } from '../cgroup/open-cgroup-tree.ts'
import { podFinder } from '../cgroup/pod-finder.ts'
import { untilWritten } from '../cgroup/watch-directories.ts'
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
    if (error instanceof CgroupError && error.code === 'notFound') return { kind: 'gone' }
    return { kind: 'unreadable', path, why: error instanceof Error ? error.message : String(error) }
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

/** Less than anybody waits before looking again. */
const ancestorsLastMs = 3

/** This machine's cgroups: what they say, and what is used in them. */
export interface MachineCgroups extends CgroupSource, UsageSource {}

function isPath(path: string): boolean {
  return !path.includes(' ')
}

/** Answers of a moment ago will do: the pods of a node have the same cgroups above them. */
function rememberedShortly<T>(look: (path: string) => T): (path: string) => T {
  const known = new Map<string, { readonly until: number; readonly value: T }>()
  return (path) => {
    const before = known.get(path)
    if (before !== undefined && performance.now() < before.until) return before.value
    const value = look(path)
    known.set(path, { until: performance.now() + ancestorsLastMs, value })
    return value
  }
}

/**
 * The cgroup tree of this machine as a source. A pod runs here if its UID has a cgroup
 * here, whatever the node is called.
 */
function treeSource(tree: CgroupTree): MachineCgroups {
  const pageSize = systemPageSize()
  const names = ownNames()
  const finder = podFinder(tree)
  const ancestor = rememberedShortly((path: string) => sight(tree, path))

  /** The pod's own cgroup; a path from before may be gone, and the pod elsewhere. */
  function podSight(uid: string): Extract<CgroupSight, { path: string }> | undefined {
    for (const anew of [false, true]) {
      const path = finder.pod(uid, { anew })
      if (path === undefined) return undefined
      const found = sight(tree, path)
      if ('path' in found) return found
    }
    return undefined
  }

  function look(pod: Pod): CgroupLook {
    const uid = nodeUid(pod)
    const own = uid === undefined ? undefined : podSight(uid)
    if (own === undefined) return { kind: 'unseen', why: whyUnseen(pod, tree.mount, names) }
    const containers = containersOf(pod).flatMap(({ spec, status }) => {
      if (status?.containerID === undefined) return []
      const found = finder.container(uid ?? '', bareId(status.containerID))
      return [[spec.name, sight(tree, found)] as const]
    })
    return {
      kind: 'seen',
      source: `this machine's cgroup ${tree.version}`,
      version: tree.version,
      pageSize,
      pod: own,
      ancestors: ancestorsOf(own.path).map(ancestor),
      containers: Object.fromEntries(containers),
    }
  }

  function sample(pod: Pod): ReadonlyMap<string, UsageSample> | undefined {
    const uid = nodeUid(pod)
    const own = uid === undefined ? undefined : podSight(uid)
    if (own === undefined) return undefined
    const samples = containersOf(pod).flatMap(({ spec, status }) => {
      if (status?.containerID === undefined) return []
      const found = finder.container(uid ?? '', bareId(status.containerID))
      if (found === undefined) return []
      const cpuMicros: number = tree.cpuUsage(found).usage
      const memory: number = tree.memoryUsage(found).workingSet
      return [[spec.name, { at: performance.now(), cpuMicros, memory }] as const]
    })
    return new Map(samples)
  }

  return {
    untilChanged: (paths, signal) =>
      untilWritten(
        // Those seen from inside a container are no paths here.
        [...new Set(paths)].filter(isPath).flatMap((path) => tree.directories(path)),
        signal,
      ),
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
export function machineCgroups(open: () => CgroupTree = openCgroupTree): MachineCgroups {
  try {
    return treeSource(open())
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
