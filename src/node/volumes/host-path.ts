import { mkdir, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Volume } from '../../domain/volume.ts'
import { VolumeError } from './volume-error.ts'

/**
 * Makes the path if its type asks for that, and looks whether it is what its
 * type says. Without a type anything goes, also nothing: the runtime makes a directory.
 *
 * @throws VolumeError
 */
export async function prepareHostPath(
  name: string,
  { path, type }: NonNullable<Volume['hostPath']>,
): Promise<void> {
  if (type === 'DirectoryOrCreate') await mkdir(path, { recursive: true, mode: 0o755 })
  if (type === 'FileOrCreate') {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, '', { flag: 'a', mode: 0o644 })
  }
  if (type === undefined || type === '') return
  const found = await stat(path).catch(() => undefined)
  const fits =
    found !== undefined &&
    (type.startsWith('Directory') ? found.isDirectory() : true) &&
    (type.startsWith('File') ? found.isFile() : true) &&
    (type === 'Socket' ? found.isSocket() : true) &&
    (type === 'CharDevice' ? found.isCharacterDevice() : true) &&
    (type === 'BlockDevice' ? found.isBlockDevice() : true)
  if (fits) return
  throw new VolumeError(
    `MountVolume.SetUp failed for volume "${name}" : hostPath type check failed: ${path} is not a ${type}`,
  )
}
