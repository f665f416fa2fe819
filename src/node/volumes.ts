import { mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Pod, Volume } from '../domain/pod.ts'

/** A volume that cannot be prepared; the pod waits with this as its message. */
export class VolumeError extends Error {}

/** Where volume `name` of the pod lives on this machine: the directory to be mounted. */
export function volumePath(podDir: string, volume: Volume): string {
  return volume.hostPath?.path ?? join(podDir, 'volumes', volume.name)
}

/**
 * Makes every volume of the pod ready to be mounted. Doing it twice is harmless.
 *
 * @throws VolumeError for a kind of volume that this node does not have, or a
 * hostPath that is not what its type says.
 */
export async function prepareVolumes(podDir: string, pod: Pod): Promise<void> {
  for (const volume of pod.spec.volumes ?? []) {
    if (volume.emptyDir !== undefined) {
      await mkdir(volumePath(podDir, volume), { recursive: true, mode: 0o777 })
    } else if (volume.hostPath !== undefined) {
      await prepareHostPath(volume.name, volume.hostPath)
    } else {
      const kind = Object.keys(volume).find((key) => key !== 'name') ?? 'nothing'
      throw new VolumeError(
        `Cannot mount volume ${volume.name}: this node has emptyDir and hostPath volumes, not ${kind}`,
      )
    }
  }
}

/** Removes what the pod's emptyDir volumes hold. */
export async function removeVolumes(podDir: string): Promise<void> {
  await rm(podDir, { recursive: true, force: true })
}

async function prepareHostPath(
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
    `Cannot mount volume ${name}: hostPath type check failed: ${path} is not a ${type}`,
  )
}
