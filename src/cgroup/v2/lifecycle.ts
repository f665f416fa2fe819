import { CgroupError } from '../cgroup-error.ts'
import type { CgroupFiles } from '../cgroup-files.ts'
import { withAncestors } from '../cgroup-path.ts'
import { kubeletControllers } from '../kubelet-controllers.ts'
import { processesIn, removeBelow } from '../processes-in.ts'

function words(text: string | undefined): readonly string[] {
  return (text ?? '').split(/\s+/).filter((word) => word !== '')
}

/** Controllers that `dir` itself has. */
export function controllersOf(files: CgroupFiles, dir: string): readonly string[] {
  return words(files.readIfThere(dir, 'cgroup.controllers'))
}

/** Those that the kubelet demands and this machine's tree, mounted at `mount`, offers. */
function demanded(files: CgroupFiles, mount: string): readonly string[] {
  const offered = new Set(controllersOf(files, mount))
  return kubeletControllers.v2.filter((name) => offered.has(name))
}

function refused(files: CgroupFiles, dir: string, missing: readonly string[], cause: unknown) {
  const inside = processesIn(files, dir).length
  const why =
    inside > 0
      ? `it has ${inside} ${inside === 1 ? 'process' : 'processes'} of its own, and cgroup v2 gives controllers only to children of a cgroup without processes. Move them to a child cgroup, or choose another cgroup root`
      : `the kernel refuses it${cause instanceof Error ? `: ${cause.message}` : ''}`
  const message = `Cannot enable ${missing.join(', ')} for the children of ${dir}: ${why}`
  const file = 'cgroup.subtree_control'
  return new CgroupError('busy', message, { path: dir, file, cause })
}

/**
 * Gives the children of `dir` all controllers that `dir` has, as runc does. One at a time
 * if the kernel refuses them together; only those of `needed` must succeed.
 */
function enableForChildren(files: CgroupFiles, dir: string, needed: readonly string[]): void {
  const file = 'cgroup.subtree_control'
  const on = new Set(words(files.read(dir, file)))
  const off = controllersOf(files, dir).filter((name) => !on.has(name))
  const enable = (names: readonly string[]): unknown => {
    try {
      files.write(dir, file, names.map((name) => `+${name}`).join(' '))
      return undefined
    } catch (error) {
      return error
    }
  }
  if (off.length === 0 || enable(off) === undefined) return
  const failed = off.map((name) => ({ name, error: enable([name]) }))
  const missing = failed.filter(({ name, error }) => error !== undefined && needed.includes(name))
  if (missing.length === 0) return
  throw refused(
    files,
    dir,
    missing.map(({ name }) => name),
    missing[0]?.error,
  )
}

/** Creates `path` and all above it, and enables the controllers on the way down. */
export function createCgroup(files: CgroupFiles, mount: string, path: string): void {
  const needed = demanded(files, mount)
  let parent = mount
  for (const step of withAncestors(path)) {
    enableForChildren(files, parent, needed)
    parent = mount + step
    files.make(parent)
  }
}

/** Whether `path` is there with the controllers that the kubelet demands. */
export function cgroupExists(files: CgroupFiles, mount: string, path: string): boolean {
  if (!files.exists(mount + path)) return false
  const has = new Set(controllersOf(files, mount + path))
  return demanded(files, mount).every((name) => has.has(name))
}

export function removeCgroup(files: CgroupFiles, dir: string, recursive: boolean): void {
  if (!files.exists(dir)) return
  if (recursive) removeBelow(files, dir)
  else files.remove(dir)
}
