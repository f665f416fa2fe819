import { constants } from 'node:fs'
import {
  chmod,
  type FileHandle,
  lstat,
  mkdir,
  open,
  readdir,
  realpath,
  rmdir,
  unlink,
  writeFile,
} from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { errorCode } from '../../domain/error-code.ts'
import { bindDescriptor, unmountBelow } from './mount.ts'
import { VolumeError } from './volume-error.ts'

/** Opens a place without reading or writing it (Linux O_PATH, which Node does not name). */
const pathOnly = 0o10000000
const noFollow = pathOnly | constants.O_NOFOLLOW

/**
 * Shows one file or directory of a volume at `target`, for a container to mount.
 * What is not there is made, as a directory. It stays inside the volume whatever
 * links lie there, also if a container changes them meanwhile: each step is opened
 * from the one before, and what was opened is mounted.
 *
 * @throws VolumeError if the path leads out of the volume.
 * @see CVE-2017-1002101, CVE-2021-25741; kubelet's pkg/volume/util/subpath.
 */
export async function bindSubPath(volume: string, subPath: string, target: string): Promise<void> {
  const inside = await resolveInside(volume, subPath)
  await using place = await openBeneath(await realpath(volume), inside, subPath)
  await unmountBelow(target)
  if ((await place.stat()).isDirectory()) await mkdir(target, { recursive: true })
  else {
    await mkdir(dirname(target), { recursive: true })
    await writeFile(target, '', { flag: 'a' })
  }
  await bindDescriptor(place.fd, target)
}

/**
 * Takes away what `bindSubPath` has shown at `VOLUME/CONTAINER/INDEX` below `directory`; none is
 * fine. Only what is empty by then is removed: behind a place may lie a part of the machine.
 */
export async function removeSubPaths(directory: string): Promise<void> {
  const isThere = await lstat(directory).catch(() => undefined)
  if (isThere === undefined) return
  await unmountBelow(directory)
  await removeEmpty(directory, 3)
}

async function removeEmpty(path: string, depth: number): Promise<void> {
  if (!(await lstat(path)).isDirectory()) return unlink(path)
  const names = depth === 0 ? [] : await readdir(path)
  for (const name of names) await removeEmpty(join(path, name), depth - 1)
  await rmdir(path)
}

/** The path below the volume that `subPath` leads to, its links followed, without one that is checked. */
export async function resolveInside(volume: string, subPath: string): Promise<string> {
  const parts = subPath.split('/').filter((part) => part !== '' && part !== '.')
  if (subPath.startsWith('/') || parts.includes('..')) throw leavesVolume(subPath)
  const base = await realpath(volume)
  // What is missing at the end is made later.
  for (let existing = parts.length; existing >= 0; existing -= 1) {
    const found = await realpath(join(base, ...parts.slice(0, existing))).catch(() => undefined)
    if (found === undefined) continue
    const inside = relative(base, found)
    if (inside === '..' || inside.startsWith(`..${sep}`)) throw leavesVolume(subPath)
    return join(inside, ...parts.slice(existing))
  }
  throw leavesVolume(subPath)
}

async function openBeneath(base: string, inside: string, subPath: string): Promise<FileHandle> {
  let place = await open(base, pathOnly)
  for (const part of inside.split(sep).filter((one) => one !== '' && one !== '.')) {
    await using parent = place
    const next = `/proc/self/fd/${parent.fd}/${part}`
    place = await openOrMake(next, parent)
    if ((await place.stat()).isSymbolicLink()) {
      await place.close()
      throw leavesVolume(subPath)
    }
  }
  return place
}

async function openOrMake(path: string, parent: FileHandle): Promise<FileHandle> {
  try {
    return await open(path, noFollow)
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
  }
  await mkdir(path)
  const made = await open(path, noFollow)
  // As its parent; mkdir would take the process's umask from that.
  await chmod(`/proc/self/fd/${made.fd}`, (await parent.stat()).mode & 0o7777)
  return made
}

function leavesVolume(subPath: string): VolumeError {
  return new VolumeError(
    `failed to prepare subPath for volumeMount: ${JSON.stringify(subPath)} is not within its volume`,
  )
}
