import { fdatasync, fdatasyncSync } from 'node:fs'

/** What everybody may be kept waiting for by a sync, milliseconds. */
const quickMs = 1

/** How to sync a file, in place and by another thread; both are the kernel's but in tests. */
export interface SyncCalls {
  readonly here: (file: number) => void
  readonly aside: (file: number) => Promise<void>
  /** Milliseconds. */
  readonly now: () => number
}

const kernel: SyncCalls = {
  here: fdatasyncSync,
  aside: (file) =>
    new Promise((resolve, reject) => {
      fdatasync(file, (error) => (error === null ? resolve() : reject(error)))
    }),
  now: () => performance.now(),
}

/**
 * Brings what is written to a file to the disk. To have another thread wait for that costs 0.1 to
 * 0.4 ms, as much as a quick disk takes: somebody who writes alone waits in place after a sync
 * that took no longer than 1 ms. Else everything goes on meanwhile: the next writes are read.
 */
export class FileSync {
  readonly #file: number
  readonly #calls: SyncCalls
  #lastMs = 0

  constructor(file: number, calls: SyncCalls = kernel) {
    this.#file = file
    this.#calls = calls
  }

  /**
   * Resolves when everything written so far is on the disk.
   *
   * @param alone whether one write waits for it, and not several that others will follow.
   * @throws Error of the kernel: what the disk has is unknown then.
   */
  async sync(alone: boolean): Promise<void> {
    const { here, aside, now } = this.#calls
    const begun = now()
    if (alone && this.#lastMs <= quickMs) here(this.#file)
    else await aside(this.#file)
    this.#lastMs = now() - begun
  }
}
