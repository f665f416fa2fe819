import { CgroupError } from '../cgroup-error.ts'
import type { CgroupFiles } from '../cgroup-files.ts'
import { killAll, processesBelow, processesIn } from '../processes-in.ts'
import type { Hierarchies } from './hierarchies.ts'

/**
 * The processes of `path` in any hierarchy: the runtime puts a container's into all of
 * them, but one that was moved may be missing in some.
 */
export function cgroupProcesses(
  files: CgroupFiles,
  hierarchies: Hierarchies,
  path: string,
  recursive: boolean,
): readonly number[] {
  const look = recursive ? processesBelow : processesIn
  return [...new Set(hierarchies.roots.flatMap((root) => look(files, root + path)))]
}

/**
 * v1 has no `cgroup.kill`: a process that forks meanwhile would escape, so none may fork any
 * more. Without the pids controller it escapes until the next call.
 */
export function killCgroup(files: CgroupFiles, hierarchies: Hierarchies, path: string): void {
  forbidForks(files, hierarchies.byController.get('pids'), path)
  killAll(cgroupProcesses(files, hierarchies, path, true))
}

function forbidForks(files: CgroupFiles, root: string | undefined, path: string): void {
  if (root === undefined) return
  try {
    files.write(root + path, 'pids.max', '0')
  } catch (error) {
    if (!(error instanceof CgroupError) || error.code !== 'notFound') throw error
  }
}
