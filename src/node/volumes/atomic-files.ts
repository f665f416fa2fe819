import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { VolumeFiles } from '../../domain/lifecycle/volume-files.ts'
import { VolumeError } from './volume-error.ts'

const current = '..data'
/** Of the directory that holds one version: a time, and what tells it from others of that time. */
const versionName = /^\.\.\d{4}_[^/]+$/

/**
 * Makes `directory` hold exactly these files, all at once: a reader sees the old
 * ones or the new ones, never some of both. The files lie in a directory of their
 * own, which the link `..data` names, and what readers open are links through that one.
 *
 * @throws VolumeError for a file outside of the directory, or where the versions are.
 * @see kubelet's AtomicWriter, pkg/volume/util/atomic_writer.go.
 */
export async function writeAtomically(
  directory: string,
  files: VolumeFiles,
  fsGroup: number | undefined,
): Promise<void> {
  for (const path of files.keys()) requireInside(path)
  await mkdir(directory, { recursive: true })
  await chmod(directory, 0o777)
  const old = await readlink(join(directory, current)).catch(() => undefined)
  const next = await writeVersion(directory, files, fsGroup)
  await rm(join(directory, '..data_tmp'), { force: true })
  await symlink(next, join(directory, '..data_tmp'))
  await rename(join(directory, '..data_tmp'), join(directory, current))
  await showNames(directory, new Set([...files.keys()].map((path) => path.split('/')[0] ?? '')))
  // Whoever could write here could have the link name any directory of the machine.
  if (old !== undefined && versionName.test(old)) {
    await rm(join(directory, old), { recursive: true, force: true })
  }
}

function requireInside(path: string): void {
  const isInside = path !== '' && !path.startsWith('..') && !path.split('/').includes('..')
  if (isInside && !path.startsWith('/')) return
  throw new VolumeError(`Cannot write ${JSON.stringify(path)}: it is not within its volume`)
}

async function writeVersion(
  directory: string,
  files: VolumeFiles,
  fsGroup: number | undefined,
): Promise<string> {
  const stamp = new Date().toISOString().replaceAll(/[-:T]/g, '_').slice(0, 19)
  const version = await mkdtemp(join(directory, `..${stamp}.`))
  await own(version, 0o755, fsGroup, 0o2050)
  for (const [path, { data, mode }] of files) {
    const file = join(version, path)
    for (const parent of parentsOf(path)) {
      await mkdir(join(version, parent), { recursive: true })
      await own(join(version, parent), 0o755, fsGroup, 0o2050)
    }
    // Nobody else reads it before it has its mode.
    await writeFile(file, data, { mode: 0o600 })
    await own(file, mode, fsGroup, 0o440)
  }
  return version.slice(directory.length + 1)
}

/** With a group for the pod's files, that group may read them. */
async function own(path: string, mode: number, group: number | undefined, groupBits: number) {
  if (group !== undefined) await chown(path, -1, group)
  await chmod(path, group === undefined ? mode : mode | groupBits)
}

function parentsOf(path: string): string[] {
  const parent = dirname(path)
  return parent === '.' ? [] : [...parentsOf(parent), parent]
}

/** A link for each first part of a path, and none for those that are gone. */
async function showNames(directory: string, names: ReadonlySet<string>): Promise<void> {
  const present = (await readdir(directory)).filter((name) => !name.startsWith('..'))
  for (const name of names) {
    if (!present.includes(name)) await symlink(join(current, name), join(directory, name))
  }
  for (const name of present) {
    if (!names.has(name)) await rm(join(directory, name), { force: true })
  }
}
