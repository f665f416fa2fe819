/** Random choices that only `seed` decides: mulberry32, small and the same everywhere. */
export interface RandomNumbers {
  /** From 0 to 1, without 1. */
  readonly next: () => number
  /** A whole number from 0 to `bound`, without `bound`. */
  readonly below: (bound: number) => number
  readonly oneOf: <T>(all: readonly T[]) => T
}

export function randomNumbers(seed: number): RandomNumbers {
  let state = seed
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (bound: number): number => Math.floor(next() * bound)
  return { next, below, oneOf: (all) => all[below(all.length)] as (typeof all)[number] }
}
