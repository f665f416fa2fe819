import { measureManyStored, type ManyStored } from './many-stored.ts'
import { measureWatchers, type Watchers } from './watchers.ts'
import { measureDurableWrites, type DurableWrites } from './writes.ts'

/** What the API server does by itself, over HTTPS, without a node. */
export interface ApiReport {
  readonly durableWrites: readonly DurableWrites[]
  readonly watchers: Watchers
  readonly manyStored: ManyStored
}

/**
 * What a sync takes on many a disk, milliseconds: where it takes less, as on virtual ones that
 * keep it to themselves, it is the server's work that a write waits for, and grouping does not show.
 */
const slowerDiskMs = 2

export async function measureApi(): Promise<ApiReport> {
  return {
    durableWrites: [await measureDurableWrites(0, 5), await measureDurableWrites(slowerDiskMs, 5)],
    watchers: await measureWatchers(1000, 1000),
    manyStored: await measureManyStored(10_000),
  }
}
