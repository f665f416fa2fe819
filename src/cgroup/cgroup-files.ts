import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  statfsSync,
  writeSync,
} from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { CgroupError, cgroupErrorFrom, errnoOf, noSuchFile } from './cgroup-error.ts'

/** `statfs` types of the two cgroup filesystems (linux/magic.h). */
export const cgroupMagic = { v1: 0x27e0eb, v2: 0x63677270 } as const

/**
 * Every access of podfit to cgroup directories. Synchronous, because the kernel
 * answers from memory in 8 to 20 us and Node's thread pool takes 4 to 10 times that.
 * Each call fails with a {@link CgroupError} that names path, file and data.
 */
export interface CgroupFiles {
  /** The text of a file, without the last line end. */
  read(dir: string, file: string): string
  /** As `read`, `undefined` where the cgroup has no such file. */
  readIfThere(dir: string, file: string): string | undefined
  /** One write call with the whole text, since the kernel takes each call as one command. */
  write(dir: string, file: string, data: string): void
  /** The same beside the event loop, for writes during which the kernel works for long. */
  writeSlow(dir: string, file: string, data: string): Promise<void>
  /** Names of the child cgroups, in the order the kernel gives. */
  children(dir: string): readonly string[]
  /** Creates a child cgroup; nothing happens if it exists. The parent must exist. */
  make(dir: string): void
  /** Removes an empty cgroup; nothing happens if it is gone. */
  remove(dir: string): void
  exists(dir: string): boolean
}

type Guard = (dir: string, act: string) => void

/** @throws CgroupError `notCgroup` where `dir` is on another filesystem, `notFound` where it is missing. */
const demandCgroup: Guard = (dir, act) => {
  let type: number
  try {
    type = statfsSync(dir).type
  } catch (cause) {
    throw cgroupErrorFrom(act, { path: dir, cause })
  }
  if (type === cgroupMagic.v1 || type === cgroupMagic.v2) return
  const message = `Cannot ${act} in ${dir}: it must be on a cgroup filesystem, this one is of type 0x${type.toString(16)}`
  throw new CgroupError('notCgroup', message, { path: dir })
}

const unguarded: Guard = () => undefined

function guarded<T>(guard: Guard, act: string, at: Access, run: () => T): T {
  guard(at.dir, act)
  try {
    return run()
  } catch (cause) {
    throw failureAt(act, at, cause)
  }
}

interface Access {
  readonly dir: string
  readonly file?: string
  readonly data?: string
}

function failureAt(act: string, { dir, file, data }: Access, cause: unknown): CgroupError {
  const failure = { path: dir, file, data, cause }
  const fileOnly = file !== undefined && errnoOf(cause) === 'ENOENT' && existsSync(dir)
  return fileOnly ? noSuchFile(act, failure) : cgroupErrorFrom(act, failure)
}

function writeWhole(path: string, data: string): void {
  // Without O_CREAT: a missing file means a missing controller and must not become a plain file.
  const fd = openSync(path, constants.O_WRONLY | constants.O_TRUNC)
  try {
    writeSync(fd, data)
  } finally {
    closeSync(fd)
  }
}

async function writeWholeSlow(path: string, data: string): Promise<void> {
  await using handle = await open(path, constants.O_WRONLY | constants.O_TRUNC)
  await handle.write(data)
}

/** Runs `act`; `undefined` where it fails with one of `codes`. */
function allowing<T>(codes: readonly string[], act: () => T): T | undefined {
  try {
    return act()
  } catch (error) {
    const code = errnoOf(error)
    if (code !== undefined && codes.includes(code)) return undefined
    throw error
  }
}

function filesBehind(guard: Guard, removeOne: (dir: string) => void): CgroupFiles {
  // Reading changes nothing, and a guard would cost a third of it again.
  const read = (dir: string, file: string) =>
    guarded(unguarded, 'read', { dir, file }, () =>
      readFileSync(`${dir}/${file}`, 'utf8').trimEnd(),
    )
  return {
    read,
    readIfThere: (dir, file) => allowing(['noFile'], () => read(dir, file)),
    write: (dir, file, data) =>
      guarded(guard, 'write', { dir, file, data }, () => writeWhole(`${dir}/${file}`, data)),
    async writeSlow(dir, file, data) {
      guard(dir, 'write')
      await writeWholeSlow(`${dir}/${file}`, data).catch((cause: unknown) => {
        throw failureAt('write', { dir, file, data }, cause)
      })
    },
    children: (dir) =>
      guarded(guard, 'list', { dir }, () =>
        // Each child has a link to its parent; reading half a hundred entries takes ten times that.
        statSync(dir).nlink === 2
          ? []
          : readdirSync(dir, { withFileTypes: true })
              .filter((entry) => entry.isDirectory())
              .map((entry) => entry.name),
      ),
    make(dir) {
      if (existsSync(dir)) return
      guard(dirname(dir), `create ${dir}`)
      try {
        allowing(['EEXIST'], () => mkdirSync(dir, 0o755))
      } catch (cause) {
        throw cgroupErrorFrom('create', { path: dir, cause })
      }
    },
    remove(dir) {
      if (!existsSync(dir)) return
      guarded(guard, 'remove', { dir }, () => allowing(['ENOENT'], () => removeOne(dir)))
    },
    exists: (dir) => existsSync(dir),
  }
}

/** Access that makes sure before each change and listing (2 us) that the directory is on a cgroup filesystem. */
export function cgroupFiles(): CgroupFiles {
  return filesBehind(demandCgroup, rmdirSync)
}

/** The same on plain directories, for trees of sample files. Removes a directory with its files. */
export function plainFiles(): CgroupFiles {
  const remove = (dir: string) => rmSync(dir, { recursive: true })
  return filesBehind(unguarded, remove)
}
