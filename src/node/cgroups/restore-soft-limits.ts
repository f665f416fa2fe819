import type { Checkpoint } from '../checkpoint/checkpoint.ts'
import type { CgroupMemory } from './cgroup-memory.ts'

/**
 * Puts back the soft limits that a crash in the middle of a memory decrease has left behind:
 * they slow processes down. One that cannot be written keeps no other, and stays in the record
 * for the next start.
 */
export async function restoreSoftLimits(
  record: Pick<Checkpoint, 'heldSoftLimits' | 'releaseSoftLimit'>,
  memory: Pick<CgroupMemory, 'restoreSoftLimit'>,
  onError: (message: string, error: unknown) => void,
): Promise<void> {
  for (const [path, high] of record.heldSoftLimits()) {
    try {
      await memory.restoreSoftLimit(path, high)
      record.releaseSoftLimit(path)
    } catch (error) {
      onError(
        `Cannot put memory.high of ${path} back to ${high}: it is tried at the next start`,
        error,
      )
    }
  }
}
