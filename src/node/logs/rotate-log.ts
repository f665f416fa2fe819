import { createReadStream, createWriteStream } from 'node:fs'
import { readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { errorCode } from '../../domain/error-code.ts'
import {
  type LogRotationPolicy,
  olderLogs,
  rotatedName,
} from '../../domain/lifecycle/log-rotation.ts'

/**
 * Rotates the log of a running container if it is large: renames it, and has the runtime begin
 * a new one. Older ones that are too many go before that, so that a full disk has room.
 *
 * @param reopen has the runtime open the log anew.
 */
export async function rotateLog(
  log: string,
  policy: LogRotationPolicy,
  reopen: () => Promise<void>,
  now: Date,
): Promise<void> {
  const size = await sizeOf(log)
  // A crash after the rename: what the container writes goes to the old file still.
  if (size === undefined) return reopen()
  if (size < policy.maxSize) return
  const directory = dirname(log)
  const rotated = rotatedName(basename(log), now)
  const files = [...(await readdir(directory)), rotated]
  const { remove, compress } = olderLogs(files, basename(log), policy)
  for (const file of remove) await rm(join(directory, file), { force: true })
  await rename(log, join(directory, rotated))
  await reopen().catch(async (error: unknown) => {
    // So that the next look tries again.
    await rename(join(directory, rotated), log)
    throw error
  })
  for (const file of compress) await compressFile(join(directory, file))
}

async function compressFile(file: string): Promise<void> {
  const part = `${file}.tmp`
  const { mode } = await stat(file)
  await pipeline(createReadStream(file), createGzip(), createWriteStream(part, { mode }))
  await rename(part, `${file}.gz`)
  await rm(file)
}

/** Bytes; undefined without a file. */
async function sizeOf(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).size
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

function isMissing(error: unknown): boolean {
  return errorCode(error) === 'ENOENT'
}

/**
 * Removes the log of a container that is gone, and what of it was rotated.
 *
 * @throws the file system's error, but for a log that is not there.
 */
export async function removeLog(log: string): Promise<void> {
  const files = await readdir(dirname(log)).catch((error: unknown) => {
    if (isMissing(error)) return []
    throw error
  })
  const name = basename(log)
  const mine = files.filter((file) => file === name || file.startsWith(`${name}.`))
  for (const file of mine) await rm(join(dirname(log), file), { force: true })
}
