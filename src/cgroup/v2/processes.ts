import { CgroupError } from '../cgroup-error.ts'
import type { CgroupFiles } from '../cgroup-files.ts'
import { killAll, processesBelow, processesIn } from '../processes-in.ts'

export function cgroupProcesses(
  files: CgroupFiles,
  dir: string,
  recursive: boolean,
): readonly number[] {
  return recursive ? processesBelow(files, dir) : processesIn(files, dir)
}

/** The kernel kills all at once since 5.14, forking ones included; older ones get signals. */
export function killCgroup(files: CgroupFiles, dir: string): void {
  try {
    files.write(dir, 'cgroup.kill', '1')
  } catch (error) {
    if (!(error instanceof CgroupError)) throw error
    if (error.code === 'noFile') killAll(processesBelow(files, dir))
    else if (error.code !== 'notFound') throw error
  }
}
