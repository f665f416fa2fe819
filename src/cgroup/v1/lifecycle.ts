import { CgroupError } from '../cgroup-error.ts'
import type { CgroupFiles } from '../cgroup-files.ts'
import { withAncestors } from '../cgroup-path.ts'
import { removeBelow } from '../processes-in.ts'
import type { Hierarchies } from './hierarchies.ts'

/** A new cpuset cgroup is empty and takes no process before it has CPUs and memory nodes. */
function inheritCpuset(files: CgroupFiles, parent: string, dir: string): void {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    if (files.readIfThere(dir, file) !== '') continue
    const value = files.readIfThere(parent, file)
    if (value) files.write(dir, file, value)
  }
}

/** Creates `path` and all above it in each hierarchy that Kubernetes looks at. */
export function createCgroup(files: CgroupFiles, hierarchies: Hierarchies, path: string): void {
  const cpuset = hierarchies.byController.get('cpuset')
  for (const root of hierarchies.kubeletRoots) {
    let parent = root
    for (const step of withAncestors(path)) {
      const dir = root + step
      files.make(dir)
      if (root === cpuset) inheritCpuset(files, parent, dir)
      parent = dir
    }
  }
}

/** Whether `path` is in all of those hierarchies. */
export function cgroupExists(files: CgroupFiles, hierarchies: Hierarchies, path: string): boolean {
  return hierarchies.kubeletRoots.every((root) => files.exists(root + path))
}

/**
 * Removes `path` from every hierarchy, also from those that only the runtime uses
 * (`devices`, `freezer`, hybrid mode's `unified`): it makes the pod's directory there
 * and leaves it. One that fails does not keep the others.
 */
export function removeCgroup(
  files: CgroupFiles,
  hierarchies: Hierarchies,
  path: string,
  recursive: boolean,
): void {
  const failures: unknown[] = []
  for (const root of hierarchies.roots) {
    const dir = root + path
    if (!files.exists(dir)) continue
    try {
      if (recursive) removeBelow(files, dir)
      else files.remove(dir)
    } catch (error) {
      // Somebody else, such as the runtime, may have removed it meanwhile.
      if (!(error instanceof CgroupError) || error.code !== 'notFound') failures.push(error)
    }
  }
  if (failures.length > 0) throw failures[0]
}
