import { chmod, chown, mkdir } from 'node:fs/promises'
import { parseQuantity, wholeValue } from '../../domain/quantity/quantity.ts'
import type { Volume } from '../../domain/pod/volume.ts'
import { mountPointsBelow, mountTmpfs } from './mount.ts'

export interface EmptyDirPlace {
  readonly path: string
  /** What a volume in memory may take without a limit of its own, in bytes. */
  readonly memory: number
  readonly fsGroup: number | undefined
}

/** Makes the directory, on disk or in memory, for every user. Doing it twice is harmless. */
export async function prepareEmptyDir(
  { medium, sizeLimit }: NonNullable<Volume['emptyDir']>,
  { path, memory, fsGroup }: EmptyDirPlace,
): Promise<void> {
  await mkdir(path, { recursive: true })
  if (medium === 'Memory' && !mountPointsBelow(path).includes(path)) {
    const limit = sizeLimit === undefined ? undefined : parseQuantity(sizeLimit)
    const asked = limit === undefined ? 0 : wholeValue(limit)
    await mountTmpfs(path, asked > 0 ? Math.min(asked, memory) : memory)
  }
  if (fsGroup !== undefined) await chown(path, -1, fsGroup)
  // Not by mkdir: the process's umask would take bits away.
  await chmod(path, fsGroup === undefined ? 0o777 : 0o2777)
}
