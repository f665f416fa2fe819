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

/** v1 has no `cgroup.kill`: a process that forks meanwhile escapes until the next call. */
export function killCgroup(files: CgroupFiles, hierarchies: Hierarchies, path: string): void {
  killAll(cgroupProcesses(files, hierarchies, path, true))
}
