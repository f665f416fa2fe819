import type { FileHandle } from 'node:fs/promises'
import { firstOfLast, type LogEntry, parseEntries } from './log-entries.ts'

/** Entries of a log file that follow one another, and where in the file they end. */
export interface LogBatch {
  readonly entries: readonly LogEntry[]
  readonly end: number
}

const chunkBytes = 256 * 1024

/** The next whole entries from `offset` on, before `limit`; none at the end of what is written. */
export async function readEntries(
  handle: FileHandle,
  offset: number,
  limit: number,
): Promise<LogBatch> {
  // An entry that is longer than a chunk is read by a larger one.
  for (let size = chunkBytes; ; size *= 2) {
    const data = await readPart(handle, offset, Math.min(size, limit - offset))
    const { entries, bytes } = parseEntries(data)
    if (bytes > 0 || data.length < size) return { entries, end: offset + bytes }
  }
}

/**
 * Where the last `count` lines of the first `size` bytes begin, looked for from the end, so
 * that a large file is not read for its last lines.
 */
export async function startOfTail(
  handle: FileHandle,
  size: number,
  count: number,
): Promise<number> {
  if (count === 0) return size
  for (let window = chunkBytes; ; window *= 2) {
    const start = Math.max(0, size - window)
    const data = await readPart(handle, start, size - start)
    // What begins in the middle of an entry is none, or is cut off at its front.
    const { entries } = parseEntries(data)
    const first = firstOfLast(start === 0 ? entries : entries.slice(1), count)
    if (first !== undefined) return start + first.at
    if (start === 0) return 0
  }
}

async function readPart(handle: FileHandle, offset: number, most: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(most), 0, most, offset)
  return buffer.subarray(0, bytesRead)
}
