import { allInOrder } from './all-in-order.ts'

/**
 * `work` for each item, at most `limit` at once; results in the order of the items. Nothing new
 * is begun after a failure. Of several failures the first in the order of the items is thrown,
 * as soon as those before it have ended: whoever asks twice is told the same.
 */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const jobs = items.map((item, index) => ({ item, index, ...Promise.withResolvers<Result>() }))
  const waiting = jobs.values()
  let failed = false
  async function worker(): Promise<void> {
    for (const { item, index, resolve, reject } of waiting) {
      if (failed) return
      try {
        resolve(await work(item, index))
      } catch (error) {
        failed = true
        reject(error)
      }
    }
  }
  for (const _ of jobs.slice(0, limit)) void worker()
  return allInOrder(jobs.map(({ promise }) => promise))
}
