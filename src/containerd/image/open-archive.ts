import { open } from 'node:fs/promises'
import { pipeline, type Readable, type Transform } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'

const gzip = Buffer.from([0x1f, 0x8b])
const zstd = Buffer.from([0x28, 0xb5, 0x2f, 0xfd])

/**
 * The tar archive in a file that may be compressed with gzip or zstd. Failures
 * to read or decompress come as errors of the stream.
 *
 * @throws the system's error if the file cannot be opened
 */
export async function openArchive(file: string): Promise<Readable> {
  const handle = await open(file)
  const head = Buffer.alloc(4)
  try {
    await handle.read(head, 0, 4, 0)
  } catch (error) {
    await handle.close()
    throw error
  }
  const raw = handle.createReadStream({ start: 0 })
  if (head.subarray(0, 2).equals(gzip)) return compose(raw, createGunzip())
  if (head.equals(zstd)) return compose(raw, createZstdDecompress())
  return raw
}

function compose(raw: Readable, decompress: Transform): Readable {
  // An error of either destroys both, and is an error of the result.
  return pipeline(raw, decompress, () => {})
}
