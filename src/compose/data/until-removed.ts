import { statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const lookMs = 1000

/**
 * Resolves when `file` is not any more where it is now: somebody removed its
 * directory, or put another one in its place. Never, once `signal` is aborted.
 */
export async function untilRemoved(file: string, signal: AbortSignal): Promise<void> {
  const before = inode(file)
  do await sleep(lookMs, undefined, { signal, ref: false }).catch(() => new Promise(() => {}))
  while (inode(file) === before)
}

function inode(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.ino
}
