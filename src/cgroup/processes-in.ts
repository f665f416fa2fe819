import { CgroupError } from './cgroup-error.ts'
import type { CgroupFiles } from './cgroup-files.ts'
import { processIds } from './file-text.ts'

/** What `look` finds, or nothing if the cgroup is gone: cgroups vanish while they are being read. */
function noneIfGone<T>(look: () => readonly T[]): readonly T[] {
  try {
    return look()
  } catch (error) {
    if (error instanceof CgroupError && error.code === 'notFound') return []
    throw error
  }
}

/** The processes in `dir`; none if it is gone. */
export function processesIn(files: CgroupFiles, dir: string): readonly number[] {
  return noneIfGone(() => processIds(files.read(dir, 'cgroup.procs')))
}

/** Names of the cgroups right below `dir`, sorted; none if it is gone. */
export function childrenIn(files: CgroupFiles, dir: string): readonly string[] {
  return noneIfGone(() => files.children(dir).toSorted())
}

/** The processes in `dir` and below. */
export function processesBelow(files: CgroupFiles, dir: string): readonly number[] {
  const below = childrenIn(files, dir).flatMap((child) => processesBelow(files, `${dir}/${child}`))
  return [...processesIn(files, dir), ...below]
}

/** Removes `dir` and the cgroups below it, deepest first. */
export function removeBelow(files: CgroupFiles, dir: string): void {
  for (const child of childrenIn(files, dir)) removeBelow(files, `${dir}/${child}`)
  files.remove(dir)
}

/** Sends SIGKILL to each of `pids`; those that are gone already do not matter. */
export function killAll(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended by itself, or it may not be killed, which shows when the cgroup stays full.
    }
  }
}
