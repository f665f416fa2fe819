import { readFileSync } from 'node:fs'
import { uptime } from 'node:os'
import { basename, dirname, join } from 'node:path'
import type { ContainerdPaths } from './containerd-paths.ts'
import { argumentsOf, runningPids, sendSignal } from './containerd-process.ts'

/** Seconds that no call of runc takes, where the caller has given up already. */
const hangingSeconds = 5
/** Of the times in `/proc/PID/stat`, on every architecture that Node.js runs on. */
const ticksPerSecond = 100

const verbs = new Set(['create', 'start', 'exec', 'update', 'pause', 'resume', 'kill', 'delete'])

/** A process of runc: what it is to do, and the directory of the container that it is about. */
export interface RuncCall {
  readonly verb: string
  readonly directory: string
}

/**
 * Ends the calls of runc that do not come to their end: the shim of their container waits for
 * them, and does nothing else for it meanwhile, not even remove it.
 *
 * @param subject the id of a container or a sandbox, with all its containers, or a pod's UID
 * @returns the calls, as `update` or `kill`
 */
export function endHangingCalls({ state }: ContainerdPaths, subject: string): readonly string[] {
  return runningPids().flatMap((pid) => {
    const call = callOfRunc(argumentsOf(pid), state)
    if (call === undefined || !isAbout(call, subject) || ageOf(pid) < hangingSeconds) return []
    sendSignal(pid, 'SIGKILL')
    return [call.verb]
  })
}

/**
 * The call of runc that a process with these arguments is; undefined for any other process. The
 * shim gives each call a log in the container's directory, below that of its containerd.
 */
export function callOfRunc(args: readonly string[], state: string): RuncCall | undefined {
  const log = args[args.indexOf('--log') + 1] ?? ''
  if (!log.startsWith(`${state}/`) || !log.endsWith('/log.json')) return undefined
  const verb = args.find((arg) => verbs.has(arg))
  return verb === undefined ? undefined : { verb, directory: dirname(log) }
}

/** A container's spec names its sandbox, and its cgroup and logs the pod. */
function isAbout({ directory }: RuncCall, subject: string): boolean {
  return basename(directory) === subject || read(join(directory, 'config.json')).includes(subject)
}

/** Seconds since a process began; 0 if it is gone. */
function ageOf(pid: number): number {
  // Its name, in parentheses, may have spaces. The time is the 20th field after it.
  const fields = read(`/proc/${pid}/stat`)
    .replace(/^.*\) /s, '')
    .split(' ')
  const began = Number(fields[19])
  return Number.isNaN(began) ? 0 : uptime() - began / ticksPerSecond
}

/** Nothing of what is gone. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
