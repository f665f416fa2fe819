import { parentPath } from '../../cgroup/cgroup-path.ts'
import type { CgroupTree } from '../../cgroup/cgroup-tree.ts'
import { containerPart } from '../../cgroup/container-processes.ts'
import { usualContainerPaths } from '../../cgroup/find-pod-cgroup.ts'
import type { PodFinder } from '../../cgroup/pod-finder.ts'
import { qosCgroupPath } from '../../domain/cgroup/names.ts'
import type { ContainerPlace } from '../../cri/container/container-place.ts'
import { qosClasses } from '../../domain/resources/qos.ts'
import type { FoundBy } from '../../operate/cgroups/cgroup-look.ts'
import type { RuntimePlaces } from './runtime-places.ts'

/** Where a cgroup is, and which way led there. */
export interface Found {
  readonly path: string
  readonly foundBy: FoundBy
  /** What the runtime told of the container. */
  readonly place?: ContainerPlace
}

/** Below which kubelets with either cgroup driver have their pods. */
const usualParents: ReadonlySet<string> = new Set(
  qosClasses.flatMap((qos) => [
    qosCgroupPath('/', qos, 'cgroupfs'),
    qosCgroupPath('/', qos, 'systemd'),
  ]),
)

/** The path of the pod with this UID, below any prefix. */
export function findPod(finder: PodFinder, uid: string, anew: boolean): Found | undefined {
  const path = finder.pod(uid, { anew })
  if (path === undefined) return undefined
  return { path, foundBy: usualParents.has(parentPath(path)) ? 'name' : 'search' }
}

export interface ContainerSearch {
  readonly tree: CgroupTree
  readonly finder: PodFinder
  readonly runtime: RuntimePlaces
  /** The cgroup of a container by its processes. */
  readonly byProcess: (containerId: string) => string | undefined
}

/** What the runtime says, if this machine's tree has it: in kind, its paths are those of another. */
async function fromRuntime(
  { tree, runtime }: ContainerSearch,
  id: string,
  signal: AbortSignal,
): Promise<Found | undefined> {
  const place = await runtime.placeOf(id, signal)
  if (place === undefined) return undefined
  const ofProcess = place.pid === undefined ? undefined : tree.pathOfProcess(place.pid)
  const byProcess = ofProcess === undefined ? undefined : containerPart(ofProcess, id)
  const path = [place.cgroup, byProcess].find((one) => one !== undefined && tree.has(one))
  return path === undefined ? undefined : { path, foundBy: 'runtime', place }
}

/**
 * A container's cgroup, by the first way that leads to one: the runtime's own answer, the
 * names in the pod's cgroup `podPath`, the processes of this machine.
 */
export async function findContainer(
  search: ContainerSearch,
  id: string,
  in_: { readonly uid: string; readonly podPath: string | undefined },
  signal: AbortSignal,
): Promise<Found | undefined> {
  const told = await fromRuntime(search, id, signal)
  if (told !== undefined) return told
  const path = search.finder.container(in_.uid, id)
  if (path !== undefined) {
    const isUsual = in_.podPath !== undefined && usualContainerPaths(in_.podPath, id).includes(path)
    return { path, foundBy: isUsual ? 'name' : 'search' }
  }
  const byProcess = search.byProcess(id)
  return byProcess === undefined ? undefined : { path: byProcess, foundBy: 'process' }
}

/** A pod's cgroup that nothing names: the one around a container that was found. */
export function podAround({ path, foundBy }: Found): Pick<Found, 'path' | 'foundBy'> {
  return { path: parentPath(path), foundBy }
}
