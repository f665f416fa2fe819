import type { Bytes } from '../../units.ts'

/** What a pod or a container uses of memory when its limit is to go down. */
export interface MemoryInUse {
  /** Page cache included. */
  readonly usage: Bytes
  /** The part that cannot be reclaimed. @default all of it */
  readonly held?: Bytes
}
