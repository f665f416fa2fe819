import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MissedEvents } from './missed-events.ts'
import type { ObservedPods } from './observed-pods.ts'

/** Looks that find these pods changed, or fail, one after the other. */
function looking(
  finds: (string[] | Error)[],
  waits: { everyMs: number; soonMs: number },
  unsettled = 0,
) {
  const { promise: over, resolve } = Promise.withResolvers<void>()
  const woken: string[] = []
  const failed: unknown[] = []
  let looks = 0
  const catchUp: ObservedPods['catchUp'] = async () => {
    const found = finds.shift()
    if (finds.length === 0) resolve()
    if (found instanceof Error) throw found
    looks += 1
    return { changed: found ?? [], settled: looks > unsettled }
  }
  const missed = new MissedEvents({
    context: { observed: { catchUp } as Partial<ObservedPods> as ObservedPods },
    wake: (uid) => woken.push(uid),
    onError: (_, error) => failed.push(error),
    ...waits,
  })
  return { missed, woken, failed, over }
}

test('who changed without a word is woken, look by look, and nobody else', async () => {
  const { missed, woken, over } = looking([[], ['a'], ['b', 'c'], []], { everyMs: 1, soonMs: 1 })
  await over
  missed[Symbol.dispose]()
  assert.deepEqual(woken, ['a', 'b', 'c'])
})

test('after a look that failed the next one is soon, until one succeeds', async () => {
  const away = new Error('away')
  const finds = [away, away, ['a']]
  const { missed, woken, failed, over } = looking(finds, { everyMs: 3_600_000, soonMs: 1 })
  missed.soon()
  missed.soon()
  await over
  await new Promise(setImmediate)
  missed[Symbol.dispose]()
  assert.deepEqual([woken, failed], [['a'], [away, away]])
})

test('a runtime that is not at one with its events is looked at soon, until it is', async () => {
  const { missed, woken, over } = looking([[], [], ['a']], { everyMs: 3_600_000, soonMs: 1 }, 2)
  missed.soon()
  await over
  await new Promise(setImmediate)
  missed[Symbol.dispose]()
  assert.deepEqual(woken, ['a'])
})
