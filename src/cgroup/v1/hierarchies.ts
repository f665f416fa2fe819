import { readdirSync, statfsSync, statSync } from 'node:fs'
import { cgroupMagic } from '../cgroup-files.ts'
import { kubeletControllers } from '../kubelet-controllers.ts'

/**
 * The hierarchies below the tmpfs of a cgroup v1 machine. A cgroup path names one
 * directory in each of them.
 */
export interface Hierarchies {
  /** Mount directory by controller; `systemd` for `name=systemd`, `unified` for hybrid mode's cgroup2. */
  readonly byController: ReadonlyMap<string, string>
  /** Each mount directory once: `cpu` and `cpuacct` may be links to one `cpu,cpuacct`. */
  readonly roots: readonly string[]
  /** Mount directories of those in which Kubernetes wants a pod's cgroup. */
  readonly kubeletRoots: readonly string[]
}

function isCgroup(dir: string): boolean {
  const { type } = statfsSync(dir)
  return type === cgroupMagic.v1 || type === cgroupMagic.v2
}

function identity(dir: string): string {
  const { dev, ino } = statSync(dir)
  return `${dev}:${ino}`
}

/** Looks at each directory (or link to one) in `mount`; `plain` takes those on any filesystem. */
export function findHierarchies(mount: string, plain: boolean): Hierarchies {
  const byController = new Map<string, string>()
  const roots = new Map<string, string>()
  for (const name of readdirSync(mount).toSorted()) {
    const dir = `${mount}/${name}`
    const isDirectory = statSync(dir, { throwIfNoEntry: false })?.isDirectory()
    if (!isDirectory || !(plain || isCgroup(dir))) continue
    const root = roots.get(identity(dir)) ?? dir
    roots.set(identity(dir), root)
    for (const controller of name.split(',')) byController.set(controller, root)
  }
  const wanted = kubeletControllers.v1.map((name) => byController.get(name))
  const kubeletRoots = new Set(wanted.filter((root) => root !== undefined))
  return { byController, roots: [...roots.values()], kubeletRoots: [...kubeletRoots] }
}
