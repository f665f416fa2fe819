import { watch } from 'node:fs'
import { open } from 'node:fs/promises'
import { formatEntry, type LogEntry } from './log-entries.ts'
import { readEntries, startOfTail } from './log-file.ts'

/** What `kubectl logs` may ask of one container's log file. */
export interface LogOptions {
  readonly follow?: boolean
  /** How many of the last lines; all without it. */
  readonly tailLines?: number
  /** Only lines from this moment on. */
  readonly sinceTime?: Date
  readonly timestamps?: boolean
  readonly limitBytes?: number
}

/**
 * The log of a container as text, from the file that the runtime writes in CRI's
 * format (`TIME stdout|stderr F|P TEXT`). With `follow` it goes on until
 * `ended` says that the container writes no more, or `signal` aborts.
 *
 * @throws the file system's error if the file cannot be opened.
 */
export async function* readContainerLog(
  file: string,
  options: LogOptions,
  ended: () => boolean,
  signal: AbortSignal,
): AsyncGenerator<string> {
  await using handle = await open(file, 'r')
  const { size } = await handle.stat()
  const { tailLines, follow = false } = options
  let offset = tailLines === undefined ? 0 : await startOfTail(handle, tailLines)
  const budget = { left: options.limitBytes ?? Number.POSITIVE_INFINITY }
  const show = shown(options, budget)
  while (!signal.aborted && budget.left > 0) {
    const over = ended()
    const { entries, end } = await readEntries(handle, offset)
    const isMore = end > offset
    offset = end
    for (const entry of entries) {
      const text = show(entry)
      if (text !== '') yield text
    }
    if (isMore && (follow || offset < size)) continue
    if (!follow || over) return
    await changed(file, signal)
  }
}

/** What each entry shows, one after the other, and takes from the bytes that are left. */
function shown(
  { sinceTime: since, timestamps = false }: LogOptions,
  budget: { left: number },
): (entry: LogEntry) => string {
  let beginsLine = true
  return (entry) => {
    if (since !== undefined && new Date(entry.time) < since) return ''
    const text = formatEntry(entry, timestamps && beginsLine)
    beginsLine = entry.full
    const bytes = Buffer.byteLength(text)
    const cut = bytes > budget.left ? Buffer.from(text).subarray(0, budget.left).toString() : text
    budget.left -= Math.min(bytes, budget.left)
    return cut
  }
}

/** Waits for the next write to `file`; a second at most, so that the container's end is seen. */
function changed(file: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, 1000)
    const watcher = watch(file, done).on('error', done)
    signal.addEventListener('abort', done, { once: true })
    function done(): void {
      clearTimeout(timer)
      watcher.close()
      signal.removeEventListener('abort', done)
      resolve()
    }
  })
}
