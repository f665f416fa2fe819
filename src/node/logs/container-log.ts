import { type FSWatcher, watch } from 'node:fs'
import { dirname } from 'node:path'
import { CurrentLog } from './current-log.ts'
import { formatEntry, type LogEntry } from './log-entries.ts'

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
 * format (`TIME stdout|stderr F|P TEXT`), not from those that were rotated. With `follow`
 * it goes on, over rotations, until `ended` says that the container writes no more, or
 * `signal` aborts.
 *
 * @throws the file system's error if the file cannot be opened.
 */
export async function* readContainerLog(
  file: string,
  options: LogOptions,
  ended: () => boolean,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const { tailLines, follow = false } = options
  await using log = await CurrentLog.open(file, follow)
  if (tailLines !== undefined) await log.skipToTail(tailLines)
  const budget = { left: options.limitBytes ?? Number.POSITIVE_INFINITY }
  const show = shown(options, budget)
  while (!signal.aborted && budget.left > 0) {
    const over = ended()
    // What was written to the old file until then comes first.
    const rotated = follow && (await log.isRotated())
    const { entries, isMore } = await log.next()
    for (const entry of entries) {
      const text = show(entry)
      if (text !== '') yield text
    }
    if (isMore) continue
    if (rotated) await log.reopen()
    else if (!follow || over) return
    else await changed(file, signal)
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

/**
 * Waits for the next write to `file`, or until there is another one in its place; a second at
 * most, so that the container's end is seen.
 */
function changed(file: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, 1000)
    const watcher = watchDirectory(dirname(file), done)
    signal.addEventListener('abort', done, { once: true })
    function done(): void {
      clearTimeout(timer)
      watcher?.close()
      signal.removeEventListener('abort', done)
      resolve()
    }
  })
}

/** None if it is gone. */
function watchDirectory(directory: string, onChange: () => void): FSWatcher | undefined {
  try {
    return watch(directory, onChange).on('error', onChange)
  } catch {
    return undefined
  }
}
