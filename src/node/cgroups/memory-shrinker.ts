import { comfortableUsage } from '../../domain/resize/actuation/memory-shrink.ts'
import { bytes, type Bytes } from '../../domain/units.ts'
import { shrinkByReclaim, type SoftLimitRecord } from './shrink-by-reclaim.ts'
import { shrinkByWrites } from './shrink-by-writes.ts'
import type { ShrinkableMemory, ShrinkResult } from './shrinkable-memory.ts'

/** How long a limit that could not be reached is not tried again; looking costs nothing. */
const restMs = 60_000

type Stuck = Extract<ShrinkResult, { kind: 'stuck' }>

/**
 * Brings memory limits down without a kill, one step after the other: on v2 what has to
 * go is reclaimed before the limit is written, on v1 the kernel reclaims at each write
 * and refuses what it cannot reach.
 */
export class MemoryShrinker {
  readonly #record: SoftLimitRecord
  readonly #now: () => number
  readonly #resting = new Map<string, { readonly until: number; readonly stuck: Stuck }>()

  constructor(record: SoftLimitRecord, now: () => number = () => performance.now()) {
    this.#record = record
    this.#now = now
  }

  /**
   * @param isWanted asked before each step, since all of them may take seconds.
   * @param known the limit by the node's record: a crash between steps leaves a smaller one,
   *   which is not what to go back to.
   */
  async shrink(
    memory: ShrinkableMemory,
    target: Bytes,
    isWanted: () => boolean = () => true,
    known: Bytes | 'max' = bytes(0),
  ): Promise<ShrinkResult> {
    const before = larger(memory.limit(), known)
    if (before !== 'max' && before <= target) return { kind: 'shrunk', before }
    const resting = this.#resting.get(memory.path)
    if (resting?.stuck.target === target && this.#now() < resting.until) {
      const sample = memory.sample()
      if (sample.usage > comfortableUsage(target)) return { ...resting.stuck, sample }
    }
    this.#resting.delete(memory.path)
    const shrinking = { memory, target, before, isWanted }
    const result =
      memory.version === 'v1'
        ? await shrinkByWrites(shrinking)
        : await shrinkByReclaim(shrinking, this.#record, this.#now)
    if (result.kind === 'stuck' && result.reason !== 'inUse') this.#rest(memory.path, result)
    return result
  }

  /** Drops what has rested long enough, too: its cgroup may be gone. */
  #rest(path: string, stuck: Stuck): void {
    const now = this.#now()
    for (const [other, { until }] of this.#resting) if (until <= now) this.#resting.delete(other)
    this.#resting.set(path, { until: now + restMs, stuck })
  }
}

function larger(one: Bytes | 'max', other: Bytes | 'max'): Bytes | 'max' {
  return one === 'max' || other === 'max' ? 'max' : bytes(Math.max(one, other))
}
