import { statfsSync } from 'node:fs'
import { CgroupError, cgroupErrorFrom } from './cgroup-error.ts'
import { cgroupFiles, cgroupMagic, plainFiles } from './cgroup-files.ts'
import type { CgroupTree } from './cgroup-tree.ts'
import { findHierarchies } from './v1/hierarchies.ts'
import { v1Tree } from './v1/tree.ts'
import { v2Tree } from './v2/tree.ts'

export interface OpenCgroupTree {
  /** Takes the mount for a plain directory of sample files laid out as this version, and checks no filesystem. */
  readonly sample?: 'v1' | 'v2'
}

function filesystemType(mount: string): number {
  try {
    return statfsSync(mount).type
  } catch (cause) {
    throw cgroupErrorFrom('open', { path: mount, cause })
  }
}

/**
 * The cgroup tree mounted at `mount`. v2 if a cgroup2 filesystem is there; v1 if it is a
 * directory of v1 hierarchies, also with cgroup2 at `unified` (hybrid), as the kubelet decides.
 *
 * @throws CgroupError if it is neither.
 */
export function openCgroupTree(
  mount = '/sys/fs/cgroup',
  { sample }: OpenCgroupTree = {},
): CgroupTree {
  if (sample === 'v2') return v2Tree(mount, plainFiles())
  if (sample === 'v1') return v1Tree(mount, plainFiles(), findHierarchies(mount, true))
  const type = filesystemType(mount)
  if (type === cgroupMagic.v2) return v2Tree(mount, cgroupFiles())
  const hierarchies = findHierarchies(mount, false)
  if (hierarchies.byController.has('cpu')) return v1Tree(mount, cgroupFiles(), hierarchies)
  const message = `Cannot use ${mount} as the cgroup tree: it must be a cgroup2 mount or hold the mounts of cgroup v1 with the cpu controller, and is a filesystem of type 0x${type.toString(16)}`
  throw new CgroupError('notCgroup', message, { path: mount })
}
