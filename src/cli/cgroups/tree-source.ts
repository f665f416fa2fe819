import { parentPath, withAncestors } from '../../cgroup/cgroup-path.ts'
import type { CgroupTree } from '../../cgroup/cgroup-tree.ts'
import { containerCgroupByProcess } from '../../cgroup/container-processes.ts'
import { systemPageSize } from '../../cgroup/page-size.ts'
import { podFinder } from '../../cgroup/pod-finder.ts'
import { untilWritten } from '../../cgroup/watch-directories.ts'
import { qosCgroupName } from '../../domain/cgroup/names.ts'
import type { Pod } from '../../domain/pod.ts'
import type { CgroupLook, CgroupSight, CgroupSource } from '../../operate/cgroups/cgroup-look.ts'
import type { UsageSample, UsageSource } from '../../operate/cluster/usage.ts'
import { containersOf } from '../../operate/containers.ts'
import { containerSight, sight } from './cgroup-sight.ts'
import { findContainer, findPod, podAround, type ContainerSearch } from './find-cgroups.ts'
import { formulasOfBinaries } from './oci-formula.ts'
import { rememberedShortly } from './remembered-shortly.ts'
import type { RuntimePlaces } from './runtime-places.ts'
import { isHere, ownNames, unseen } from './unseen-pod.ts'

/** Less than anybody waits before looking again. */
const ancestorsLastMs = 3
/** How long it is believed that no process is in a container: asking reads all of /proc. */
const processesLastMs = 1000

type SightWithPath = Extract<CgroupSight, { path: string }>

/**
 * The cgroup tree of this machine as a source. A pod runs here if its UID has a cgroup
 * here, whatever the node is called.
 */
export function treeSource(tree: CgroupTree, runtime: RuntimePlaces): CgroupSource & UsageSource {
  const pageSize = systemPageSize()
  const names = ownNames()
  const finder = podFinder(tree)
  const ancestors = rememberedShortly(
    (parent: string) => upToAllPods(parent).map((path) => sight(tree, { path }, true)),
    ancestorsLastMs,
  )
  const byProcess = rememberedShortly(containerCgroupByProcess, processesLastMs)
  const formulaOf = formulasOfBinaries()
  const search: ContainerSearch = { tree, finder, runtime, byProcess }

  /** The pod's own cgroup; a path from before may be gone, and the pod elsewhere. */
  function podSight(pod: Pod, deep: boolean): SightWithPath | undefined {
    const uid = nodeUid(pod)
    if (uid === undefined) return undefined
    for (const anew of [false, true]) {
      const found = findPod(finder, uid, anew)
      if (found === undefined) return undefined
      const seen = sight(tree, found, deep)
      if ('path' in seen) return seen
    }
    return undefined
  }

  function containersIn(pod: Pod, podPath: string | undefined, signal: AbortSignal) {
    const uid = nodeUid(pod) ?? ''
    const withId = containersOf(pod).filter(({ status }) => status?.containerID !== undefined)
    return Promise.all(
      withId.map(async ({ spec, status }) => {
        const id = bareId(status?.containerID ?? '')
        const found = await findContainer(search, id, { uid, podPath }, signal)
        return { name: spec.name, found, status }
      }),
    )
  }

  async function look(pod: Pod, signal: AbortSignal, deep: boolean): Promise<CgroupLook> {
    const named = podSight(pod, deep)
    if (named === undefined && !isHere(pod, names)) return unseen(pod, tree, names, true)
    const containers = await containersIn(pod, named?.path, signal)
    const around = containers.find(({ found }) => found !== undefined)?.found
    const own = named ?? (around && sight(tree, podAround(around), deep))
    if (own === undefined || !('path' in own)) return unseen(pod, tree, names, finder.hasPods())
    const runtimeProblem = runtime.problem()
    return {
      kind: 'seen',
      source: `this machine's cgroup ${tree.version}`,
      version: tree.version,
      pageSize,
      pod: own,
      ancestors: ancestors(parentPath(own.path)),
      containers: Object.fromEntries(
        await Promise.all(
          containers.map(
            async ({ name, found, status }) =>
              [name, await containerSight(tree, formulaOf, { found, status, deep })] as const,
          ),
        ),
      ),
      ...(runtimeProblem === undefined ? {} : { runtimeProblem }),
    }
  }

  function sample(pod: Pod): ReadonlyMap<string, UsageSample> | undefined {
    const uid = nodeUid(pod)
    if (podSight(pod, false) === undefined) return undefined
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
    async look(pod, signal, { deep = false } = {}) {
      try {
        return await look(pod, signal, deep)
      } catch (error) {
        signal.throwIfAborted()
        const why = error instanceof Error ? error.message : String(error)
        return { kind: 'unseen', why: `this machine's cgroups cannot be read: ${why}` }
      }
    },
  }
}

/** A static pod's cgroup is named by the hash of its file, not by the UID of its API object. */
function nodeUid({ metadata }: Pod): string | undefined {
  return metadata.annotations?.['kubernetes.io/config.hash'] ?? metadata.uid
}

function bareId(containerId: string): string {
  return containerId.slice(containerId.lastIndexOf('/') + 1)
}

/** The cgroup at `path` and those above it, up to that of all pods; none if that is not among them. */
function upToAllPods(path: string): readonly string[] {
  const above = withAncestors(path)
  const root = above.findIndex((one) => qosCgroupName(one) === 'Guaranteed')
  return root === -1 ? [] : above.slice(root).toReversed()
}

function isPath(path: string): boolean {
  return !path.includes(' ')
}
