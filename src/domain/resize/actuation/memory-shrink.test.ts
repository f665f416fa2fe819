import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { bytes, type Bytes } from '../../units.ts'
import {
  beginShrink,
  comfortableUsage,
  largestUsage,
  type MemorySample,
  nextShrinkMove,
  type ShrinkMove,
  shrinkSteps,
  stuckMessage,
} from './memory-shrink.ts'

const mi = (count: number): Bytes => bytes(count * 1024 * 1024)

function sample(usage: Bytes, held: Bytes = bytes(0), more: Partial<MemorySample> = {}) {
  return { usage, held, refaulted: bytes(0), oomKills: 0, ...more }
}

/** A cgroup whose unheld pages come back when asked for, `stubborn` of them never. */
function play(start: MemorySample, target: Bytes, canReclaim: boolean, stubborn = 0) {
  let now = 0
  let shrink = beginShrink(target, start, now)
  let usage: number = start.usage
  const moves: ShrinkMove[] = []
  for (;;) {
    const next = nextShrinkMove(shrink, { ...start, usage: bytes(usage) }, now, canReclaim)
    shrink = next.shrink
    moves.push(next.move)
    if (next.move.kind === 'commit' || next.move.kind === 'stuck') break
    const least = start.held + stubborn
    if (next.move.kind === 'reclaim')
      usage = Math.max(Math.min(usage, least), usage - next.move.amount)
    else usage = Math.max(Math.min(usage, least), next.move.high)
    now += 20
  }
  return { moves, usage, shrink, now }
}

describe('a memory limit on its way down', () => {
  test('what is far below the target needs nothing', () => {
    const { moves } = play(sample(mi(10)), mi(64), true)
    assert.deepEqual(moves, [{ kind: 'commit' }])
  })

  test('page cache is reclaimed in steps, then the limit is written', () => {
    const { moves, usage } = play(sample(mi(200), mi(30)), mi(64), true)
    assert.equal(moves.at(-1)?.kind, 'commit')
    assert.ok(moves.length > 2 && moves.slice(0, -1).every(({ kind }) => kind === 'reclaim'))
    assert.ok(usage <= comfortableUsage(mi(64)))
  })

  test('a kernel that cannot reclaim on demand gets a soft limit', () => {
    const { moves } = play(sample(mi(200), mi(30)), mi(64), false)
    assert.deepEqual(moves, [
      { kind: 'squeeze', high: comfortableUsage(mi(64)) },
      { kind: 'commit' },
    ])
  })

  test('what cannot be reclaimed stops it before anything is tried', () => {
    const { moves } = play(sample(mi(200), mi(64)), mi(64), true)
    assert.deepEqual(moves, [{ kind: 'stuck', reason: 'inUse' }])
  })

  test('pages that do not come back stop it after a bounded time', () => {
    const { moves, now, shrink } = play(sample(mi(200), mi(30)), mi(64), true, mi(60))
    assert.deepEqual(moves.at(-1), { kind: 'stuck', reason: 'inUse' })
    assert.ok(moves.some(({ kind }) => kind === 'squeeze'))
    assert.ok(now < 4000)
    assert.equal(shrink.reached, mi(90))
  })

  test('where nothing at all comes back it is tried twice before the soft limit', () => {
    const { moves, now } = play(sample(mi(90), mi(30)), mi(64), true, mi(60))
    const kinds = moves.map(({ kind }) => kind)
    assert.deepEqual(kinds.slice(0, 3), ['reclaim', 'reclaim', 'squeeze'])
    assert.ok(now < 4000)
  })

  test('pages that are read back at once are told apart', () => {
    const first = sample(mi(200), mi(30))
    const shrink = { ...beginShrink(mi(64), first, 0), squeezedSince: 0 }
    const later = sample(mi(190), mi(30), { refaulted: mi(50) })
    assert.deepEqual(nextShrinkMove(shrink, later, 5000, true).move, {
      kind: 'stuck',
      reason: 'comesBack',
    })
  })

  test('a kill ends it, whoever caused it', () => {
    const shrink = beginShrink(mi(64), sample(mi(200)), 0)
    const { move } = nextShrinkMove(shrink, sample(mi(10), bytes(0), { oomKills: 1 }), 10, true)
    assert.deepEqual(move, { kind: 'stuck', reason: 'oomKill' })
  })

  test('the limit is never written above the largest usage, and it always ends', () => {
    const amount = fc.integer({ min: 0, max: 2 ** 34 }).map(bytes)
    const target = fc.integer({ min: 4096 * 16, max: 2 ** 33 }).map(bytes)
    fc.assert(
      fc.property(
        amount,
        amount,
        target,
        fc.boolean(),
        amount,
        (usage, held, goal, can, stubborn) => {
          const start = sample(usage, bytes(Math.min(usage, held)))
          const end = play(start, goal, can, stubborn)
          if (end.moves.at(-1)?.kind === 'commit') assert.ok(end.usage <= largestUsage(goal))
          assert.ok(largestUsage(goal) < goal && end.now < 20_000)
        },
      ),
    )
  })
})

test('v1 goes down in writes of 64 MiB, and ends at the target', () => {
  assert.deepEqual(shrinkSteps(mi(200), 'max', mi(50)), [mi(136), mi(72), mi(50)])
  assert.deepEqual(shrinkSteps(mi(10), mi(256), mi(50)), [mi(50)])
})

test('the condition says usage, target, reached, and why', () => {
  const text = stuckMessage({
    container: 'app',
    target: mi(64),
    limit: mi(128),
    sample: sample(mi(100), mi(90)),
    reached: mi(95),
    reason: 'inUse',
  })
  assert.equal(
    text,
    'cannot decrease memory limits: attempting to set container "app" memory limit (67108864) below current usage (104857600): reclaim reached 99614720; 94371840 cannot be reclaimed; the limit stays at 134217728',
  )
})
