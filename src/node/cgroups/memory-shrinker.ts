import { setTimeout as sleep } from 'node:timers/promises'
import { errorCode } from '../../domain/error-code.ts'
import {
  beginShrink,
  comfortableUsage,
  type MemorySample,
  nextShrinkMove,
  shrinkSteps,
  type StuckShrink,
} from '../../domain/resize/actuation/memory-shrink.ts'
import { bytes, type Bytes } from '../../domain/units.ts'

/** The memory of one cgroup, as far as its limit may have to go down. */
export interface ShrinkableMemory {
  readonly version: 'v1' | 'v2'
  readonly path: string
  sample(): MemorySample
  limit(): Bytes | 'max'
  setLimit(limit: Bytes | 'max'): void
  /** The same beside the event loop: on v1 the kernel reclaims meanwhile what is above it. */
  lowerLimit(limit: Bytes): Promise<void>
  /** False where the kernel cannot reclaim on demand. */
  reclaim(amount: Bytes): Promise<boolean>
  /** The soft limit; v2 only. */
  high(): Bytes | 'max'
  setHigh(high: Bytes | 'max'): Promise<void>
}

export type ShrinkResult =
  /** The kernel has the new limit; `before` is what it had, for taking it back. */
  | { readonly kind: 'shrunk'; readonly before: Bytes | 'max' }
  /** Nobody wants it any more: the limit is what it was. */
  | { readonly kind: 'notWanted' }
  /** The limit is what it was. */
  | ({ readonly kind: 'stuck' } & Omit<StuckShrink, 'container'>)

/** Remembers a soft limit while another one holds the usage down, so that a crash does not leave it. */
export interface SoftLimitRecord {
  holdSoftLimit(path: string, before: Bytes | 'max'): void
  releaseSoftLimit(path: string): void
}

const squeezeMs = 20
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
    const result =
      memory.version === 'v1'
        ? await shrinkByWrites(memory, target, before, isWanted)
        : await this.#shrinkByReclaim(memory, target, before, isWanted)
    if (result.kind === 'stuck' && result.reason !== 'inUse') this.#rest(memory.path, result)
    return result
  }

  /** Drops what has rested long enough, too: its cgroup may be gone. */
  #rest(path: string, stuck: Stuck): void {
    const now = this.#now()
    for (const [other, { until }] of this.#resting) if (until <= now) this.#resting.delete(other)
    this.#resting.set(path, { until: now + restMs, stuck })
  }

  async #shrinkByReclaim(
    memory: ShrinkableMemory,
    target: Bytes,
    before: Bytes | 'max',
    isWanted: () => boolean,
  ): Promise<ShrinkResult> {
    let shrink = beginShrink(target, memory.sample(), this.#now())
    let canReclaim = true
    await using held = new AsyncDisposableStack()
    for (let squeezing = false; ;) {
      if (!isWanted()) return { kind: 'notWanted' }
      const sample = memory.sample()
      const next = nextShrinkMove(shrink, sample, this.#now(), canReclaim)
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
          if (!squeezing) held.defer(await this.#squeeze(memory, move.high))
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
  async #squeeze(memory: ShrinkableMemory, high: Bytes): Promise<() => Promise<void>> {
    const before = memory.high()
    this.#record.holdSoftLimit(memory.path, before)
    await memory.setHigh(high)
    return async () => {
      await memory.setHigh(before)
      this.#record.releaseSoftLimit(memory.path)
    }
  }
}

async function shrinkByWrites(
  memory: ShrinkableMemory,
  target: Bytes,
  before: Bytes | 'max',
  isWanted: () => boolean,
): Promise<ShrinkResult> {
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

function larger(one: Bytes | 'max', other: Bytes | 'max'): Bytes | 'max' {
  return one === 'max' || other === 'max' ? 'max' : bytes(Math.max(one, other))
}

function isBusy(error: unknown): boolean {
  return errorCode(error) === 'busy'
}
