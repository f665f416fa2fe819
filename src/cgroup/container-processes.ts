import { readdirSync, readFileSync } from 'node:fs'
import { parseProcessCgroups } from './process-cgroup.ts'
import { isContainerCgroup } from './find-pod-cgroup.ts'
import { cgroupName, withAncestors } from './cgroup-path.ts'

/**
 * The cgroup of a container by the processes of this machine: the last way, since it reads
 * all of /proc. A process may be in a cgroup below the container's.
 */
export function containerCgroupByProcess(containerId: string, proc = '/proc'): string | undefined {
  for (const pid of readdirSync(proc).filter((name) => /^\d+$/.test(name))) {
    const text = textOf(`${proc}/${pid}/cgroup`)
    if (!text.includes(containerId)) continue
    const { v1, v2 } = parseProcessCgroups(text)
    for (const path of [v1.get('memory'), v1.get('cpu'), v2]) {
      const found = path === undefined ? undefined : containerPart(path, containerId)
      if (found !== undefined) return found
    }
  }
  return undefined
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // The process has ended.
    return ''
  }
}

/** The part of a process's path that is the container's own cgroup. */
export function containerPart(path: string, containerId: string): string | undefined {
  return withAncestors(path).find((one) => isContainerCgroup(cgroupName(one), containerId))
}
