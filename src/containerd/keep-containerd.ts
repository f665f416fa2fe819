import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { containerdPaths } from './containerd-paths.ts'
import { findContainerd } from './containerd-process.ts'
import { startContainerd, type ContainerdOptions } from './start-containerd.ts'

export interface KeepOptions {
  /** What it was started with. */
  readonly containerd: ContainerdOptions
  /** Ends the watch; containerd goes on. */
  readonly signal: AbortSignal
  readonly onRestart: (pid: number) => void
  /** Hears why a start failed; it is tried again. */
  readonly onError: (error: unknown) => void
}

/** How often the process is looked at: one small file of /proc. */
const lookMs = 500
/** One that ran for so long is started again at once. */
const steadyMs = 10_000
const firstWaitMs = 1000
const longestWaitMs = 30_000

/**
 * Starts a private containerd again whenever it has ended, until `signal`
 * aborts: at once after a steady run, else with waits that double. Containers
 * run on meanwhile. It also gives up when containerd's configuration is gone,
 * because then somebody has removed the data directory. Never rejects.
 */
export async function keepContainerd(options: KeepOptions): Promise<void> {
  const { signal, onRestart, onError } = options
  const paths = containerdPaths(options.containerd.dataDir)
  let startedAt = performance.now()
  let waitMs = firstWaitMs
  while (await passed(lookMs, signal)) {
    if (findContainerd(paths) !== undefined) continue
    if (!existsSync(paths.config)) return
    const steady = performance.now() - startedAt >= steadyMs
    if (steady) waitMs = firstWaitMs
    else if (!(await passed(waitMs, signal))) return
    else waitMs = Math.min(2 * waitMs, longestWaitMs)
    startedAt = performance.now()
    try {
      onRestart((await startContainerd(options.containerd)).pid)
    } catch (error) {
      onError(error)
    }
  }
}

/** Whether the time passed before the signal came. */
async function passed(ms: number, signal: AbortSignal): Promise<boolean> {
  await sleep(ms, undefined, { signal, ref: false }).catch(() => {})
  return !signal.aborted
}
