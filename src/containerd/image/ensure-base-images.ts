import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCriRuntime } from '../../cri/create-cri-runtime.ts'
import { baseImages, baseImagesArchive } from './base-images.ts'
import { importImage, type ImageStore } from './import-image.ts'

/**
 * Makes and imports pause and busybox where they are missing.
 *
 * @param busybox path of a statically linked busybox
 * @returns the names of the images that were made
 * @throws ContainerdError `importFailed`
 */
export async function ensureBaseImages(store: ImageStore, busybox: string): Promise<string[]> {
  using cri = createCriRuntime({ endpoint: store.endpoint })
  const known = await Promise.all(baseImages.map((name) => cri.imageStatus(name)))
  const missing = baseImages.filter((_, index) => known[index] === undefined)
  if (missing.length === 0) return []
  const dir = await mkdtemp(join(tmpdir(), 'podfit-images-'))
  try {
    const file = join(dir, 'base.tar')
    await writeFile(file, await baseImagesArchive(busybox, missing))
    return await importImage(store, file)
  } finally {
    await rm(dir, { recursive: true })
  }
}
