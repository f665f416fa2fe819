import type { Checkpoint } from '../checkpoint/checkpoint.ts'
import type { PodCgroups } from './pod-cgroups.ts'

/**
 * Puts back the soft limits that a crash in the middle of a memory decrease has left behind:
 * they slow processes down. One that cannot be written keeps no other, and stays in the record
 * for the next start.
 */
export async function restoreSoftLimits(
  record: Pick<Checkpoint, 'heldSoftLimits' | 'releaseSoftLimit'>,
  cgroups: Pick<PodCgroups, 'restoreSoftLimit'>,
  onError: (message: string, error: unknown) => void,
): Promise<void> {
  for (const [path, high] of record.heldSoftLimits()) {
    try {
      await cgroups.restoreSoftLimit(path, high)
      record.releaseSoftLimit(path)
    } catch (error) {
      onError(
        `Cannot put memory.high of ${path} back to ${high}: it is tried at the next start`,
        error,
      )
    }
  }
}
