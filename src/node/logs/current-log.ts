import { type FileHandle, open, stat } from 'node:fs/promises'
import type { LogEntry } from './log-entries.ts'
import { readEntries, startOfTail } from './log-file.ts'

/** The log file that a container writes to, read entry by entry, and what comes in its place. */
export class CurrentLog implements AsyncDisposable {
  readonly #file: string
  #handle: FileHandle
  /** Where the reading ends, in bytes. */
  readonly #end: number
  #offset = 0

  private constructor(file: string, handle: FileHandle, end: number) {
    this.#file = file
    this.#handle = handle
    this.#end = end
  }

  /**
   * @param follow false for what there is at this moment: one line asked for is one line, also
   *   while more are written
   * @throws the file system's error if it cannot be opened.
   */
  static async open(file: string, follow: boolean): Promise<CurrentLog> {
    const handle = await open(file, 'r')
    const end = follow ? Number.POSITIVE_INFINITY : (await handle.stat()).size
    return new CurrentLog(file, handle, end)
  }

  /** Goes on with the last `count` lines. */
  async skipToTail(count: number): Promise<void> {
    const { size } = await this.#handle.stat()
    this.#offset = await startOfTail(this.#handle, Math.min(size, this.#end), count)
  }

  /** Some of the next entries; with none of them, more may have been read: what is no entry. */
  async next(): Promise<{ readonly entries: readonly LogEntry[]; readonly isMore: boolean }> {
    const { entries, end } = await readEntries(this.#handle, this.#offset, this.#end)
    const isMore = end > this.#offset
    this.#offset = end
    return { entries, isMore }
  }

  /** Whether another file has come in its place and is written to: this one gets nothing more. */
  async isRotated(): Promise<boolean> {
    const [mine, now] = await Promise.all([
      this.#handle.stat(),
      stat(this.#file).catch(() => undefined),
    ])
    return now !== undefined && now.ino !== mine.ino && now.size > 0
  }

  /** Goes on with the file that is in its place by now, if there is one. */
  async reopen(): Promise<void> {
    // In the middle of the next rotation there is none for a moment.
    const handle = await open(this.#file, 'r').catch(() => undefined)
    if (handle === undefined) return
    await this.#handle.close()
    this.#handle = handle
    this.#offset = 0
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close()
  }
}
