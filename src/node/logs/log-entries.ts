/** One entry of a log file in CRI's format: `TIME stdout|stderr F|P TEXT`. */
export interface LogEntry {
  /** Where it begins, in bytes of the data it was read from. */
  readonly at: number
  readonly time: string
  /** False for `P`, a part whose line goes on in the next entry. */
  readonly full: boolean
  readonly text: string
}

const lineEnd = 0x0a

/** The whole entries in `data` and how many bytes they took; the rest is not written to its end yet. */
export function parseEntries(data: Buffer): {
  readonly entries: readonly LogEntry[]
  readonly bytes: number
} {
  const entries: LogEntry[] = []
  let at = 0
  for (let end = data.indexOf(lineEnd); end !== -1; end = data.indexOf(lineEnd, at)) {
    const entry = parseEntry(data.toString('utf8', at, end), at)
    if (entry !== undefined) entries.push(entry)
    at = end + 1
  }
  return { entries, bytes: at }
}

function parseEntry(line: string, at: number): LogEntry | undefined {
  const match = /^(?<time>\S+) (?:stdout|stderr) (?<tag>[FP]\S*) (?<text>.*)$/s.exec(line)
  if (match === null) return undefined
  const { time = '', tag = 'F', text = '' } = match.groups ?? {}
  return { at, time, full: tag.startsWith('F'), text }
}

/**
 * The first entry of the last `count` lines, where a line may be several partial entries;
 * undefined if it may lie before `entries`. `count` is 1 or more.
 */
export function firstOfLast(entries: readonly LogEntry[], count: number): LogEntry | undefined {
  let seen = 0
  for (let index = entries.length - 1; index > 0; index -= 1) {
    if (entries[index - 1]?.full === true) seen += 1
    if (seen === count) return entries[index]
  }
  return undefined
}

/** The entry as it is shown. */
export function formatEntry({ time, full, text }: LogEntry, timestamps: boolean): string {
  return `${timestamps ? `${fixedNanoseconds(time)} ` : ''}${text}${full ? '\n' : ''}`
}

/** Runtimes leave out the zeros at the end of the fraction; the kubelet prints all nine digits. */
function fixedNanoseconds(time: string): string {
  return time.replace(
    /(?:\.(?<digits>\d+))?(?=Z|[+-]\d\d:\d\d$)/,
    (_match, digits: string | undefined) => `.${(digits ?? '').padEnd(9, '0')}`,
  )
}
