import { errorCode } from '../../domain/error-code.ts'
import { shrinkSteps } from '../../domain/resize/actuation/memory-shrink.ts'
import type { Shrinking, ShrinkResult } from './shrinkable-memory.ts'

/**
 * On v1: the kernel reclaims at each write of a limit, and refuses one that it cannot reach. So
 * the limit goes down in steps.
 */
export async function shrinkByWrites({
  memory,
  target,
  before,
  isWanted,
}: Shrinking): Promise<ShrinkResult> {
  let sample = memory.sample()
  let reached = sample.usage
  for (const step of shrinkSteps(sample.usage, before, target)) {
    if (!isWanted()) {
      memory.setLimit(before)
      return { kind: 'notWanted' }
    }
    try {
      await memory.lowerLimit(step)
    } catch (error) {
      if (!isBusy(error)) throw error
      memory.setLimit(before)
      return { kind: 'stuck', target, limit: before, sample, reached, reason: 'busy' }
    }
    sample = memory.sample()
    reached = sample.usage < reached ? sample.usage : reached
  }
  return { kind: 'shrunk', before }
}

function isBusy(error: unknown): boolean {
  return errorCode(error) === 'busy'
}
