import {
  closeSync,
  type Dirent,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { crashPoint } from '../../compose/crash-point.ts'
import { makeDirectory } from '../../compose/data/make-directory.ts'
import { errorCode } from '../../domain/error-code.ts'
import { requireKnown } from '../../format/newer-format.ts'
import { homeDirectory } from '../../kube/home-directory.ts'
import { journalFormat, type Journal, type JournalEntry } from '../../operate/resize/journal.ts'
import { runOf, withUndone, type Run } from '../../operate/resize/run.ts'
import { CliError } from '../cli-error.ts'
import type { Terminal } from '../terminal.ts'

/** A journal that is being written; nobody else writes it meanwhile. */
export interface OpenJournal extends Journal, Disposable {}

/** The journals of this user, one file a run. */
export interface JournalStore {
  readonly directory: string
  /** The newest last. @throws NewerFormat if a newer podfit wrote one, CliError (error) if one is unreadable. */
  runs(): readonly Run[]
  /** @throws CliError (error) if another podfit works on it, or it cannot be written. */
  open(id: string): OpenJournal
  /** Keeps others from working on a run without writing to its journal. Throws as `open`. */
  lock(id: string): Disposable
}

/** `$XDG_STATE_HOME/podfit`, or `~/.local/state/podfit`. */
export function journalDirectory(env: Terminal['env']): string {
  const state = env['XDG_STATE_HOME']
  // A relative path is to be ignored, says the XDG base directory specification.
  const base = state?.startsWith('/') === true ? state : join(homeDirectory(env), '.local/state')
  return join(base, 'podfit')
}

const suffix = '.jsonl'
const letters = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** `20260131-235959-x7f`: says when, and two within a second differ. */
export function newRunId(now: Date): string {
  const time = now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')
  const random = crypto.getRandomValues(new Uint8Array(3))
  return `${time}-${[...random].map((byte) => letters[byte % letters.length]).join('')}`
}

export function openJournalStore(env: Terminal['env']): JournalStore {
  const directory = journalDirectory(env)
  const step = crashPoint(env)
  return {
    directory,
    runs: () => readRuns(directory),
    open: (id) => openJournal(directory, id, step),
    lock: (id) => lockRun(directory, id),
  }
}

function readRuns(directory: string): readonly Run[] {
  let found: readonly Dirent[]
  try {
    found = readdirSync(directory, { withFileTypes: true })
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return []
    throw unusable(directory, error)
  }
  const runs = found
    .filter((entry) => entry.name.endsWith(suffix) && !entry.isDirectory())
    .flatMap(({ name }) => {
      const run = runIn(join(directory, name))
      return run === undefined ? [] : [run]
    })
    .toSorted((a, b) => Date.parse(a.begun.at) - Date.parse(b.begun.at))
  return withUndone(runs)
}

/** @throws NewerFormat, or CliError (error), rather than leaving it out: it may be the run that is meant. */
function runIn(path: string): Run | undefined {
  const entries = entriesIn(textIn(path))
  const [first] = entries
  const found = (first?.entry === 'begun' ? first.format : undefined) ?? 0
  requireKnown({ path, found, known: journalFormat, cure: 'move the file away' })
  return runOf(entries)
}

function textIn(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new CliError('error', `Cannot read a journal: ${why}; move the file away`, { cause })
  }
}

/** The entries of a journal. A line that was not written to its end says nothing: it announced nothing yet. */
export function entriesIn(text: string): readonly JournalEntry[] {
  return text.split('\n').flatMap((line) => {
    try {
      const value: unknown = JSON.parse(line)
      const isEntry = typeof value === 'object' && value !== null && 'entry' in value
      return isEntry ? [value as JournalEntry] : []
    } catch {
      return []
    }
  })
}

function unusable(directory: string, cause: unknown): CliError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new CliError(
    'error',
    `Cannot keep a journal in ${directory}: ${why}; set XDG_STATE_HOME to a directory that can be written`,
    { cause },
  )
}

function lockRun(directory: string, id: string): Disposable {
  const lock = join(directory, `${id}.lock`)
  try {
    makeDirectory(directory, 0o700)
    takeLock(lock, id)
  } catch (error) {
    throw error instanceof CliError ? error : unusable(directory, error)
  }
  return { [Symbol.dispose]: () => rmSync(lock, { force: true }) }
}

function openJournal(directory: string, id: string, step: (name: string) => void): OpenJournal {
  const lock = lockRun(directory, id)
  let file: number
  try {
    file = openSync(join(directory, `${id}${suffix}`), 'a', 0o600)
    // Whatever a killed process left of its last line ends here.
    writeSync(file, '\n')
    sync(directory)
  } catch (error) {
    lock[Symbol.dispose]()
    throw unusable(directory, error)
  }
  return {
    append(entry) {
      step(`journal.${entry.entry}.before`)
      writeSync(file, `${JSON.stringify(entry)}\n`)
      fsyncSync(file)
      step(`journal.${entry.entry}.after`)
    },
    [Symbol.dispose]() {
      closeSync(file)
      lock[Symbol.dispose]()
    },
  }
}

/** A new file is only there for good when its directory is on disk, too. */
function sync(directory: string): void {
  const handle = openSync(directory, 'r')
  fsyncSync(handle)
  closeSync(handle)
}

function takeLock(lock: string, id: string): void {
  const own = `${process.pid} ${startOf(process.pid)}`
  for (let tries = 0; tries < 2; tries += 1) {
    try {
      writeFileSync(lock, own, { flag: 'wx', mode: 0o600 })
      return
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error
      const [pid = '0', start = ''] = readFileSync(lock, 'utf8').split(' ')
      if (start !== '' && startOf(Number(pid)) === start) {
        throw new CliError('error', `Cannot work on ${id}: process ${pid} of podfit does`)
      }
      rmSync(lock, { force: true })
    }
  }
}

/** When a process began, in clock ticks since boot: tells it from a later one with its number. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return pid === process.pid ? 'here' : ''
  }
}
