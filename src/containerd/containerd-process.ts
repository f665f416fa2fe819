import { spawn } from 'node:child_process'
import { closeSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { errorCode } from '../domain/error-code.ts'
import { ContainerdError } from './containerd-error.ts'
import type { ContainerdPaths } from './containerd-paths.ts'
import { systemPath } from './machine/find-program.ts'

/** A process that was started here; `ended` resolves with how it ended. */
export interface StartedProcess {
  readonly pid: number
  readonly ended: Promise<string>
}

/**
 * Starts containerd in a session of its own, so that it survives whatever ends
 * this process, with its output in the log file.
 */
export function spawnContainerd(program: string, paths: ContainerdPaths): StartedProcess {
  const log = openSync(paths.log, 'a', 0o600)
  const { NOTIFY_SOCKET: _systemdsWithUs, ...env } = process.env
  const child = spawn(program, ['--config', paths.config], {
    cwd: '/',
    detached: true,
    env: { ...env, PATH: systemPath() },
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  child.unref()
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`))
  })
  const pid = child.pid ?? 0
  writeFileSync(paths.pid, `${pid}\n`)
  return { pid, ended }
}

/**
 * The process id of the containerd that runs with our config, if one does. The
 * pid file may be stale or missing, so the process itself is asked, and all
 * others after it.
 */
export function findContainerd(paths: ContainerdPaths): number | undefined {
  const remembered = Number.parseInt(readOr(paths.pid, ''), 10)
  if (isOurs(remembered, paths)) return remembered
  return runningPids().find((pid) => isOurs(pid, paths))
}

/** All processes of this machine, by id. */
export function runningPids(): number[] {
  return readdirSync('/proc')
    .map((name) => Number(name))
    .filter((pid) => Number.isInteger(pid))
}

/** The arguments of a process; none when it is gone, a zombie or a thread of the kernel. */
export function argumentsOf(pid: number): string[] {
  return readOr(`/proc/${pid}/cmdline`, '').split('\0').slice(0, -1)
}

function isOurs(pid: number, paths: ContainerdPaths): boolean {
  const [program, option, config] = argumentsOf(pid)
  return (
    program?.endsWith('containerd') === true && option === '--config' && config === paths.config
  )
}

/**
 * Ends the containerd that runs with our config; none is fine. Containers and
 * their shims go on running.
 *
 * @throws ContainerdError `didNotStop` if it is still there 5 s after SIGKILL
 */
export async function stopContainerd(paths: ContainerdPaths): Promise<void> {
  const pid = findContainerd(paths)
  if (pid !== undefined) await endProcess(pid, () => isOurs(pid, paths))
  rmSync(paths.pid, { force: true })
  rmSync(paths.socket, { force: true })
  rmSync(`${paths.socket}.ttrpc`, { force: true })
}

/**
 * SIGTERM, and SIGKILL after `graceMs`, for as long as `isSame` says that the id is
 * still the process that is meant.
 *
 * @param graceMs @default 5000
 * @throws ContainerdError `didNotStop` if it is still there 5 s after SIGKILL
 */
export async function endProcess(
  pid: number,
  isSame: () => boolean,
  graceMs = 5000,
): Promise<void> {
  for (const [signal, waitMs] of [
    ['SIGTERM', graceMs],
    ['SIGKILL', 5000],
  ] as const) {
    if (!isSame()) return
    sendSignal(pid, signal)
    const deadline = performance.now() + waitMs
    while (performance.now() < deadline) {
      if (!isSame()) return
      await setTimeout(10)
    }
  }
  const what = `Cannot stop process ${pid}: it is still there 5 s after SIGKILL`
  throw new ContainerdError('didNotStop', 'later', what)
}

/** The process may end by itself at any moment. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error
  }
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return otherwise
  }
}
