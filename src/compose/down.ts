import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { openCgroupTree } from '../cgroup/open-cgroup-tree.ts'
import { openSystemdUnits } from '../cgroup/systemd-units.ts'
import { releaseContainerd } from '../containerd/clean-up.ts'
import { endProcess, findContainerd } from '../containerd/containerd-process.ts'
import { containerdPaths } from '../containerd/containerd-paths.ts'
import { createCriRuntime } from '../cri/create-cri-runtime.ts'
import type { CriRuntime } from '../cri/cri-runtime.ts'
import { instanceLabel } from '../node/runtime/labels.ts'
import { unmountBelow } from '../node/volumes/mount.ts'
import { dataDirectory, type DataDirectory } from './data/data-directory.ts'
import { killLeftovers, runsStill } from './data/leftovers.ts'
import { isRunning, readInstance } from './data/instance.ts'
import { requireRoot } from './require-root.ts'
import { isDataDirectory, purgeDirectory } from './data/purge-directory.ts'

export interface DownOptions {
  /** @default /var/lib/podfit */
  readonly dataDir?: string
  /** Seconds that containers get after SIGTERM. @default 5 */
  readonly graceSeconds?: number
  /** Remove what is in the data directory too: objects, images, certificates. @default false */
  readonly purge?: boolean
  readonly progress?: (line: string) => void
}

/** Longer than a stop takes, so that only a podfit that hangs is killed. */
const stopMs = 20_000
/** What the runtime gets beyond the grace of a container. */
const stopMarginMs = 15_000

/**
 * Stops what `up` started: podfit itself, its pods, its containerd; gives back
 * cgroups, networks and mounts. The objects stay, and the next `up` runs the
 * pods again, unless `purge` is set. Doing it twice is harmless.
 *
 * @throws Error with one line if the runtime or the kernel does not let go of something.
 */
export async function down(options: DownOptions): Promise<void> {
  const directory = dataDirectory(options.dataDir)
  const progress = options.progress ?? (() => {})
  const instance = readInstance(directory.instance)
  if (instance !== undefined && isRunning(instance)) {
    await endProcess(instance.pid, () => isRunning(instance), stopMs)
    progress(`podfit stopped (pid ${instance.pid})`)
  }
  const graceSeconds = options.graceSeconds ?? 5
  if (instance?.runtimeEndpoint === undefined) await stopOwnRuntime(directory, graceSeconds)
  else await stopOnForeignRuntime(instance.runtimeEndpoint, directory, graceSeconds)
  await killLeftovers(directory)
  await unmountBelow(directory.pods)
  progress('pods and their runtime stopped')
  await removeCgroups(directory.cgroup)
  if (options.purge !== true) return
  const others = purgeDirectory(directory.path)
  if (others === undefined) return progress(`removed ${directory.path}`)
  const why = others.length === 0 ? 'it is a mount and' : `${others.join(', ')} in it`
  progress(`removed what podfit had in ${directory.path}; ${why} stays`)
}

/**
 * Why there is nothing that `down` could stop for a directory; undefined if there may be.
 *
 * @throws Error with one line if this is not root, who alone can look.
 */
export function nothingToStop(dataDir: string): string | undefined {
  requireRoot('stop podfit')
  const directory = dataDirectory(dataDir)
  if (isDataDirectory(directory.path) || runsStill(directory)) return undefined
  return existsSync(dataDir)
    ? 'podfit was never started there; what is in it was left alone'
    : 'there is no such directory'
}

async function stopOwnRuntime(
  { path, cgroup }: DataDirectory,
  graceSeconds: number,
): Promise<void> {
  const paths = containerdPaths(path)
  // Nobody knows these containers any more.
  if (!existsSync(paths.config)) await killLeftovers({ cgroup })
  // Without its socket it cannot be asked: somebody removed the directory under it.
  if (findContainerd(paths) !== undefined && existsSync(paths.socket)) {
    using cri = createCriRuntime({ endpoint: `unix://${paths.socket}` })
    // Whom it does not stop, since a runc of it hangs, is killed with the rest.
    await stopContainers(cri, {}, graceSeconds).catch(() => {})
  }
  await releaseContainerd({ dataDir: path, cgroup: `${cgroup}/runtime` })
}

/** On a runtime with other users only what carries this podfit's mark is touched. */
async function stopOnForeignRuntime(
  endpoint: string,
  { cgroup }: DataDirectory,
  graceSeconds: number,
): Promise<void> {
  using cri = createCriRuntime({ endpoint })
  const labels = { [instanceLabel]: cgroup.slice(1) }
  await stopContainers(cri, labels, graceSeconds)
  for (const { id } of await cri.listPodSandboxes({ labels })) {
    await cri.stopPodSandbox(id)
    await cri.removePodSandbox(id)
  }
}

/** One that cannot be stopped takes nothing from the grace of the others. */
async function stopContainers(
  cri: CriRuntime,
  labels: Readonly<Record<string, string>>,
  graceSeconds: number,
): Promise<void> {
  const containers = await cri.listContainers({ state: 'running', labels })
  const options = { timeoutMs: graceSeconds * 1000 + stopMarginMs }
  const stops = containers.map(({ id }) => cri.stopContainer(id, graceSeconds, options))
  for (const end of await Promise.allSettled(stops)) if (end.status === 'rejected') throw end.reason
}

async function removeCgroups(path: string): Promise<void> {
  const tree = openCgroupTree()
  tree.remove(path, { recursive: true })
  // The same place in the words of systemd, if that made the pods' cgroups.
  const slice = `${path.replaceAll('-', '_')}.slice`
  if (!existsSync(join(tree.mount, tree.version === 'v1' ? 'systemd' : '', slice))) return
  await openSystemdUnits().stop(slice.slice(1))
  tree.remove(slice, { recursive: true })
}
