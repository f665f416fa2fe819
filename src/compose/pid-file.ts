import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'

/** One process on this machine, told apart from a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number
  /** Clock ticks after boot at which it started: field 22 of /proc/PID/stat. */
  readonly startTime: string
}

/** Undefined if there is no such process (any more). */
export function processIdentity(pid: number): ProcessIdentity | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the program's name in brackets and may hold blanks.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const startTime = fields[19]
    return startTime === undefined ? undefined : { pid, startTime }
  } catch {
    // A process that is gone has no directory.
    return undefined
  }
}

export function writePidFile(file: string): void {
  const identity = processIdentity(process.pid)
  writeFileSync(`${file}.new`, JSON.stringify(identity), { mode: 0o600 })
  renameSync(`${file}.new`, file)
}

/** The process that wrote the file, if it still runs. */
export function readPidFile(file: string): ProcessIdentity | undefined {
  try {
    const written = JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity
    const running = processIdentity(written.pid)
    return running?.startTime === written.startTime ? running : undefined
  } catch {
    // No file, or half of one: nobody runs by it.
    return undefined
  }
}

export function removePidFile(file: string): void {
  rmSync(file, { force: true })
}
