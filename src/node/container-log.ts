import { watch } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'

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

interface LogLine {
  readonly time: string
  /** False for `P`, a part whose line goes on in the next entry. */
  readonly full: boolean
  readonly text: string
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
  const present = parseLines(await readFrom(handle, 0))
  let offset = present.bytes
  const budget = { left: options.limitBytes ?? Number.POSITIVE_INFINITY }
  let beginsLine = true
  const emit = function* (lines: readonly LogLine[]): Generator<string> {
    const since = options.sinceTime
    const wanted = lines.filter(({ time }) => since === undefined || new Date(time) >= since)
    for (const line of wanted) {
      if (budget.left <= 0) return
      const text = formatLine(line, options.timestamps === true && beginsLine)
      beginsLine = line.full
      const cut =
        Buffer.byteLength(text) > budget.left
          ? Buffer.from(text).subarray(0, budget.left).toString()
          : text
      budget.left -= Buffer.byteLength(cut)
      yield cut
    }
  }
  yield* emit(lastLines(present.lines, options.tailLines))
  while (options.follow === true && budget.left > 0 && !signal.aborted) {
    const over = ended()
    const more = parseLines(await readFrom(handle, offset))
    offset += more.bytes
    yield* emit(more.lines)
    if (over && more.lines.length === 0) return
    if (more.lines.length === 0) await changed(file, signal)
  }
}

/** The last `count` lines, where a line may be several partial entries. */
function lastLines(lines: readonly LogLine[], count: number | undefined): readonly LogLine[] {
  if (count === undefined) return lines
  if (count === 0) return []
  let seen = 0
  for (let index = lines.length - 1; index >= 0; index -= 1) {
    const startsLine = index === 0 || lines[index - 1]?.full === true
    if (startsLine) seen += 1
    if (seen === count) return lines.slice(index)
  }
  return lines
}

function formatLine({ time, full, text }: LogLine, timestamps: boolean): string {
  return `${timestamps ? `${fixedNanoseconds(time)} ` : ''}${text}${full ? '\n' : ''}`
}

/** Runtimes leave out the zeros at the end of the fraction; the kubelet prints all nine digits. */
function fixedNanoseconds(time: string): string {
  return time.replace(
    /(?:\.(?<digits>\d+))?(?=Z|[+-]\d\d:\d\d$)/,
    (_match, digits: string | undefined) => `.${(digits ?? '').padEnd(9, '0')}`,
  )
}

/** The whole entries in `data` and how many bytes they took; the rest is not written to its end yet. */
function parseLines(data: Buffer): { lines: readonly LogLine[]; bytes: number } {
  const end = data.lastIndexOf(0x0a) + 1
  const lines = data
    .subarray(0, end)
    .toString('utf8')
    .split('\n')
    .slice(0, -1)
    .flatMap((entry) => {
      const match = /^(?<time>\S+) (?:stdout|stderr) (?<tag>[FP]\S*) (?<text>.*)$/s.exec(entry)
      const { time = '', tag = 'F', text = '' } = match?.groups ?? {}
      return match === null ? [] : [{ time, full: tag.startsWith('F'), text }]
    })
  return { lines, bytes: end }
}

async function readFrom(handle: FileHandle, offset: number): Promise<Buffer> {
  const { size } = await handle.stat()
  if (size <= offset) return Buffer.alloc(0)
  const { buffer, bytesRead } = await handle.read(
    Buffer.alloc(size - offset),
    0,
    size - offset,
    offset,
  )
  return buffer.subarray(0, bytesRead)
}

/** Waits for the next write to `file`; a second at most, so that the container's end is seen. */
function changed(file: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(file, done)
    const timer = setTimeout(done, 1000)
    signal.addEventListener('abort', done, { once: true })
    function done(): void {
      clearTimeout(timer)
      watcher.close()
      signal.removeEventListener('abort', done)
      resolve()
    }
  })
}
