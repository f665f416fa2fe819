import { readFileSync, rmSync } from 'node:fs'
import { writeWhole } from '../../containerd/write-whole.ts'
import { requireKnown } from '../../format/newer-format.ts'

/** One process on this machine, told apart from a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number
  /** Clock ticks after boot at which it started: field 22 of /proc/PID/stat. */
  readonly startTime: string
}

/** What `podfit up` leaves for the other verbs; it stays when podfit ends, since its pods do. */
export interface Instance extends ProcessIdentity {
  /** Absent while it starts. */
  readonly server?: string
  readonly cgroup: string
  /** Set when the runtime is not podfit's own. */
  readonly runtimeEndpoint?: string
}

/** Undefined if there is no such process (any more); one that nobody has reaped has ended, too. */
export function processIdentity(pid: number): ProcessIdentity | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the program's name in brackets and may hold blanks.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const [state = 'X', startTime] = [fields[0], fields[19]]
    return 'ZX'.includes(state) || startTime === undefined ? undefined : { pid, startTime }
  } catch {
    // A process that is gone has no directory.
    return undefined
  }
}

/** To be counted up when an older podfit would misread it. */
const instanceFormat = 1

/** Writes the file whole or not at all. */
export function writeInstance(file: string, instance: Instance): void {
  const text = JSON.stringify({ format: instanceFormat, ...instance })
  writeWhole(file, `${text}\n`)
}

/** None is fine. */
export function removeInstance(file: string): void {
  rmSync(file, { force: true })
}

/**
 * What the last `podfit up` wrote; undefined if there was none, or it is damaged.
 *
 * @throws NewerFormat
 */
export function readInstance(file: string): Instance | undefined {
  const { format: found = 0, ...instance } = parse(file)
  const cure = 'name another directory with --data-dir'
  requireKnown({ path: file, found, known: instanceFormat, cure })
  return instance.startTime === undefined ? undefined : (instance as Instance)
}

function parse(file: string): Partial<Instance> & { readonly format?: number } {
  try {
    // Of `null` there is nothing to take.
    return { ...(JSON.parse(readFileSync(file, 'utf8')) as Instance) }
  } catch {
    return {}
  }
}

/** Whether that very process still runs. */
export function isRunning({ pid, startTime }: ProcessIdentity): boolean {
  return processIdentity(pid)?.startTime === startTime
}
