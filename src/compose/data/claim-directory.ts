import type { DataDirectory } from './data-directory.ts'
import {
  type Instance,
  isRunning,
  processIdentity,
  readInstance,
  removeInstance,
  writeInstance,
} from './instance.ts'

/**
 * The lock on the database decides who runs in a directory; this is only the clearer message.
 *
 * @throws Error if a podfit runs there.
 */
export function requireFree({ instance, path }: DataDirectory): void {
  const running = readInstance(instance)
  if (running === undefined || !isRunning(running)) return
  throw new Error(
    `Cannot start in ${path}: podfit runs there already (pid ${running.pid}, ${running.server ?? 'starting'}); stop it with podfit down, or name another --data-dir`,
  )
}

/** The directory as that of this process. */
export interface Claim {
  /** Writes down where the API is, too: podfit is ready. */
  ready(server: string): void
  /** Puts back what was written there before; nothing once it is ready. */
  undo(): void
}

/** Writes down, as soon as the database is locked, which process `podfit down` has to stop. */
export function claimDirectory(
  { instance: file, cgroup }: DataDirectory,
  runtimeEndpoint: string | undefined,
): Claim {
  const before = readInstance(file)
  const identity = processIdentity(process.pid)
  const foreign = runtimeEndpoint === undefined ? {} : { runtimeEndpoint }
  let isReady = false
  const write = (more: Pick<Instance, 'server'>): void => {
    if (identity !== undefined) writeInstance(file, { ...identity, ...more, cgroup, ...foreign })
  }
  write({})
  return {
    ready(server) {
      isReady = true
      write({ server })
    },
    undo() {
      if (isReady) return
      if (before === undefined) removeInstance(file)
      else writeInstance(file, before)
    },
  }
}
