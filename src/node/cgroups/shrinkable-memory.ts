import type { MemorySample, StuckShrink } from '../../domain/resize/actuation/memory-shrink.ts'
import type { Bytes } from '../../domain/units.ts'

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

/** One limit on its way down. */
export interface Shrinking {
  readonly memory: ShrinkableMemory
  readonly target: Bytes
  /** What it goes back to. */
  readonly before: Bytes | 'max'
  /** Asked before each step, since all of them may take seconds. */
  readonly isWanted: () => boolean
}
