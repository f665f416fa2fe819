import { existsSync, renameSync } from 'node:fs'
import type { OnStep } from '../as-step.ts'
import { Checkpoint } from './checkpoint.ts'
import { DamagedCheckpoint } from './checkpoint-damage.ts'

/**
 * Opens the node's checkpoint. One that is damaged is kept beside it under another name, and
 * an empty one takes its place: what was promised to pods that run is then taken from them.
 *
 * @param onDamaged is told where the damaged one is, once.
 * @throws Error with one line if the file is there and cannot be used
 */
export function openCheckpoint(
  file: string,
  onStep: OnStep,
  onDamaged: (message: string, error: unknown) => void,
): Checkpoint {
  try {
    return Checkpoint.open(file, onStep)
  } catch (error) {
    if (!(error instanceof DamagedCheckpoint)) throw error
    const kept = setAside(file)
    onDamaged(
      `${error.message}; it is kept as ${kept}, and what runs keeps the sizes that it has`,
      error.cause,
    )
    return Checkpoint.open(file, onStep)
  }
}

/** SQLite takes no log without a database, so a crash in between does not revive an old one. */
function setAside(file: string): string {
  const kept = `${file}.damaged-${new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')}`
  renameSync(file, kept)
  for (const suffix of ['-wal', '-shm']) {
    if (existsSync(file + suffix)) renameSync(file + suffix, kept + suffix)
  }
  return kept
}
