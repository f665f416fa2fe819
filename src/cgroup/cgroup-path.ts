/**
 * A cgroup path is what the kernel shows in `/proc/PID/cgroup`: absolute below the
 * mount, the same in every v1 hierarchy: `/podfit/kubepods/burstable/podUID`.
 */

/** Parts that are neither empty nor `.` or `..`. */
const legalPath = /^(?:\/(?!\.{1,2}(?:\/|$))[^/\0]+)*\/?$/

/**
 * `path` without a trailing slash; the root is `''`, so that it can follow a mount directory.
 *
 * @throws RangeError if it does not begin with `/`, or has an empty part, `.` or `..`.
 */
export function cgroupPath(path: string): string {
  if (legalPath.test(path)) return path.endsWith('/') ? path.slice(0, -1) : path
  throw new RangeError(
    `Cannot use ${JSON.stringify(path)} as a cgroup path: it must be absolute, without empty parts, "." and ".."`,
  )
}

/** `path` and all above it, highest first, without the root: `/a/b` gives `/a`, `/a/b`. */
export function withAncestors(path: string): readonly string[] {
  const parts = cgroupPath(path).split('/').slice(1)
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`)
}

/** The last part of a path. */
export function cgroupName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** The path above; `/` above a top-level cgroup. */
export function parentPath(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/'
}
