import { setTimeout as sleep } from 'node:timers/promises'
import { openCgroupTree } from '../../cgroup/open-cgroup-tree.ts'
import type { DataDirectory } from './data-directory.ts'

const longestMs = 5000

/**
 * Whether something runs still in the cgroup that belongs to this directory: its
 * pods, also after the directory itself was removed under them.
 */
export function runsStill({ cgroup }: DataDirectory): boolean {
  return openCgroupTree().processes(cgroup, { recursive: true }).length > 0
}

/** Kills what runs still in the directory's cgroup, for want of a runtime that knows of it. */
export async function killLeftovers({ cgroup }: Pick<DataDirectory, 'cgroup'>): Promise<void> {
  const tree = openCgroupTree()
  for (let waitedMs = 0; waitedMs < longestMs; waitedMs += 10) {
    if (tree.processes(cgroup, { recursive: true }).length === 0) return
    tree.kill(cgroup)
    await sleep(10)
  }
}
