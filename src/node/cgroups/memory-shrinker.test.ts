import assert from 'node:assert/strict'
import { test } from 'node:test'
import { comfortableUsage } from '../../domain/resize/actuation/memory-shrink.ts'
import { bytes, type Bytes } from '../../domain/units.ts'
import { Checkpoint } from '../checkpoint/checkpoint.ts'
import { MemoryShrinker } from './memory-shrinker.ts'
import type { SoftLimitRecord } from './shrink-by-reclaim.ts'
import type { ShrinkableMemory } from './shrinkable-memory.ts'

const mi = (count: number): Bytes => bytes(count * 1024 * 1024)

interface World {
  usage: number
  held: number
  /** The least that a soft limit brings the usage to. */
  stubborn: number
  limit: Bytes | 'max'
  high: Bytes | 'max'
  readonly log: string[]
}

function world(start: Partial<World>): World {
  const empty = { usage: 0, held: 0, stubborn: 0, limit: mi(128), high: 'max', log: [] } as const
  return { ...empty, log: [], ...start }
}

/** A cgroup in memory, v2 without memory.reclaim. */
function cgroup(one: World, version: 'v1' | 'v2' = 'v2'): ShrinkableMemory {
  const setLimit = (limit: Bytes | 'max'): void => {
    if (version === 'v1' && limit !== 'max' && limit < one.stubborn) {
      throw Object.assign(new Error('EBUSY'), { code: 'busy' })
    }
    if (limit !== 'max') assert.ok(version === 'v1' || one.usage < limit, 'somebody is killed')
    one.limit = limit
    if (limit !== 'max') one.usage = Math.min(one.usage, limit)
    one.log.push(`limit ${limit}`)
  }
  return {
    version,
    path: '/pod',
    sample: () => ({
      usage: bytes(one.usage),
      held: bytes(one.held),
      refaulted: bytes(0),
      oomKills: 0,
    }),
    limit: () => one.limit,
    setLimit,
    lowerLimit: async (limit) => setLimit(limit),
    reclaim: async () => false,
    high: () => one.high,
    async setHigh(high) {
      one.high = high
      if (high !== 'max') one.usage = Math.max(Math.min(one.usage, one.stubborn), high)
      one.log.push(`high ${high}`)
    },
  }
}

function recordIn(one: World): SoftLimitRecord {
  return {
    holdSoftLimit(_path, before) {
      one.log.push(`hold ${before}`)
      return before
    },
    releaseSoftLimit: () => one.log.push('release'),
  }
}

/** Each look at the clock takes 100 ms. */
function shrinkerIn(one: World): MemoryShrinker {
  let now = 0
  return new MemoryShrinker(recordIn(one), () => (now += 100))
}

test('a soft limit is noted, held, and lifted again', async () => {
  const one = world({ usage: mi(100), held: mi(10) })
  const result = await shrinkerIn(one).shrink(cgroup(one), mi(64))
  assert.deepEqual(result, { kind: 'shrunk', before: mi(128) })
  assert.deepEqual(one.log, [
    'hold max',
    `high ${comfortableUsage(mi(64))}`,
    `limit ${mi(64)}`,
    'high max',
    'release',
  ])
})

test('what does not come back leaves the limit, and whatever soft limit there was', async () => {
  const one = world({ usage: mi(100), held: mi(10), stubborn: mi(90), high: mi(120) })
  const result = await shrinkerIn(one).shrink(cgroup(one), mi(64))
  assert.equal(result.kind === 'stuck' && result.reached, mi(90))
  assert.deepEqual([one.limit, one.high], [mi(128), mi(120)])
  assert.equal(one.log.at(-1), 'release')
})

test('a soft limit that could not be lifted is lifted after the next try, to what it was at first', async () => {
  using checkpoint = Checkpoint.open(':memory:')
  const one = world({ usage: mi(100), held: mi(10), high: mi(120) })
  const memory = cgroup(one)
  const shrinker = new MemoryShrinker(checkpoint)
  const failing: ShrinkableMemory = {
    ...memory,
    setHigh: (high) => (high === mi(120) ? Promise.reject(new Error('EIO')) : memory.setHigh(high)),
  }
  await assert.rejects(shrinker.shrink(failing, mi(64)), /EIO/)
  assert.equal(one.high, comfortableUsage(mi(64)))
  assert.deepEqual([...checkpoint.heldSoftLimits().values()], [mi(120)])
  one.usage = mi(60)
  assert.equal((await shrinker.shrink(memory, mi(32))).kind, 'shrunk')
  assert.deepEqual([one.high, checkpoint.heldSoftLimits().size], [mi(120), 0])
})

test('v1: a write that is refused gives the old limit back', async () => {
  const one = world({ usage: mi(120), stubborn: mi(40), limit: mi(128) })
  const result = await shrinkerIn(one).shrink(cgroup(one, 'v1'), mi(32))
  assert.equal(result.kind === 'stuck' && result.reason, 'busy')
  assert.equal(one.limit, mi(128))
})

test('what was tried in vain rests, until it would fit or something else is wanted', async () => {
  const one = world({ usage: mi(120), stubborn: mi(40) })
  const shrinker = shrinkerIn(one)
  await shrinker.shrink(cgroup(one, 'v1'), mi(32))
  const tries = one.log.length
  assert.equal((await shrinker.shrink(cgroup(one, 'v1'), mi(32))).kind, 'stuck')
  assert.equal(one.log.length, tries)
  one.usage = mi(8)
  one.stubborn = 0
  assert.equal((await shrinker.shrink(cgroup(one, 'v1'), mi(32))).kind, 'shrunk')
})

test('a limit that is low enough already is left alone', async () => {
  const one = world({ usage: mi(120), limit: mi(64) })
  assert.deepEqual(await shrinkerIn(one).shrink(cgroup(one), mi(64)), {
    kind: 'shrunk',
    before: mi(64),
  })
  assert.deepEqual(one.log, [])
})

test('a shrink that nobody wants any more ends at once, with everything as it was', async () => {
  const one = world({ usage: mi(100), held: mi(10), stubborn: mi(90), high: mi(120) })
  let looks = 0
  const result = await shrinkerIn(one).shrink(cgroup(one), mi(64), () => (looks += 1) < 3)
  assert.deepEqual(result, { kind: 'notWanted' })
  assert.deepEqual([one.limit, one.high], [mi(128), mi(120)])
  assert.deepEqual([looks, one.log.at(-1)], [3, 'release'])
})

test('the same on v1, where the limit went down by steps', async () => {
  const one = world({ usage: mi(300), limit: mi(300) })
  let looks = 0
  const result = await shrinkerIn(one).shrink(cgroup(one, 'v1'), mi(64), () => (looks += 1) < 3)
  assert.deepEqual(result, { kind: 'notWanted' })
  assert.deepEqual([one.log.length, one.limit], [3, mi(300)])
})

test('v1: what a crash left half-way down is not what it goes back to', async () => {
  const one = world({ usage: mi(120), stubborn: mi(40), limit: mi(128) })
  const known = mi(256)
  const result = await shrinkerIn(one).shrink(cgroup(one, 'v1'), mi(32), undefined, known)
  assert.equal(result.kind === 'stuck' && result.limit, known)
  assert.equal(one.limit, known)
})
