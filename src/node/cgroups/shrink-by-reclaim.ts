import { setTimeout as sleep } from 'node:timers/promises'
import { beginShrink, nextShrinkMove } from '../../domain/resize/actuation/memory-shrink.ts'
import type { Bytes } from '../../domain/units.ts'
import type { ShrinkableMemory, Shrinking, ShrinkResult } from './shrinkable-memory.ts'

/** Remembers a soft limit while another one holds the usage down, so that a crash does not leave it. */
export interface SoftLimitRecord {
  /** Gives what it has to go back to: what there was before the first that is not released. */
  holdSoftLimit(path: string, before: Bytes | 'max'): Bytes | 'max'
  releaseSoftLimit(path: string): void
}

const squeezeMs = 20

/**
 * On v2: what has to go is reclaimed before the limit is written, since a limit below the usage
 * kills. Where the kernel cannot reclaim on demand, a soft limit makes it do so for a while.
 */
export async function shrinkByReclaim(
  { memory, target, before, isWanted }: Shrinking,
  record: SoftLimitRecord,
  now: () => number,
): Promise<ShrinkResult> {
  let shrink = beginShrink(target, memory.sample(), now())
  let canReclaim = true
  await using held = new AsyncDisposableStack()
  for (let squeezing = false; ;) {
    if (!isWanted()) return { kind: 'notWanted' }
    const sample = memory.sample()
    const next = nextShrinkMove(shrink, sample, now(), canReclaim)
    shrink = next.shrink
    const { move } = next
    switch (move.kind) {
      case 'commit':
        // In the same turn as the sample: nothing of ours comes in between.
        memory.setLimit(target)
        return { kind: 'shrunk', before }
      case 'reclaim':
        canReclaim = await memory.reclaim(move.amount)
        break
      case 'squeeze':
        if (!squeezing) held.defer(await squeeze(memory, move.high, record))
        squeezing = true
        await sleep(squeezeMs)
        break
      case 'stuck': {
        const { reason } = move
        return { kind: 'stuck', target, limit: before, sample, reached: shrink.reached, reason }
      }
      default:
        return move satisfies never
    }
  }
}

/** Returns what lifts the soft limit again. */
async function squeeze(
  memory: ShrinkableMemory,
  high: Bytes,
  record: SoftLimitRecord,
): Promise<() => Promise<void>> {
  const before = record.holdSoftLimit(memory.path, memory.high())
  await memory.setHigh(high)
  return async () => {
    await memory.setHigh(before)
    record.releaseSoftLimit(memory.path)
  }
}
