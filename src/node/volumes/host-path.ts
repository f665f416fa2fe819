import { mkdir, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errorCode } from '../../domain/error-code.ts'
import type { Volume } from '../../domain/pod/volume.ts'
import { setUpFailed } from './volume-error.ts'

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
  if (type === undefined || type === '') return
  await makeAsked(path, type).catch((cause: Error) => {
    throw setUpFailed(name, cause.message)
  })
  const found = await stat(path).catch(() => undefined)
  const fits =
    found !== undefined &&
    (type.startsWith('Directory') ? found.isDirectory() : true) &&
    (type.startsWith('File') ? found.isFile() : true) &&
    (type === 'Socket' ? found.isSocket() : true) &&
    (type === 'CharDevice' ? found.isCharacterDevice() : true) &&
    (type === 'BlockDevice' ? found.isBlockDevice() : true)
  if (fits) return
  throw setUpFailed(name, `hostPath type check failed: ${path} is not a ${type}`)
}

async function makeAsked(path: string, type: string): Promise<void> {
  if ((await stat(path).catch(() => undefined)) !== undefined) return
  if (type === 'DirectoryOrCreate') await makeDirectory(path)
  if (type === 'FileOrCreate') {
    await makeDirectory(dirname(path))
    await writeFile(path, '', { flag: 'a', mode: 0o644 })
  }
}

/** With those above it. Node's recursive mkdir (as of 24) never ends in /proc, where nothing can be made. */
async function makeDirectory(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (found !== undefined) return
  if (dirname(path) !== path) await makeDirectory(dirname(path))
  await mkdir(path, { mode: 0o755 }).catch((error: unknown) => {
    // Another pod may have made it meanwhile.
    if (errorCode(error) !== 'EEXIST') throw error
  })
}
