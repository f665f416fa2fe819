import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { PodCondition } from '../pod.ts'
import {
  clearBoth,
  clearInProgress,
  clearPending,
  conditionOf,
  inProgressType,
  pendingType,
  setInProgress,
  setPending,
  startProgress,
} from './conditions.ts'

const t1 = '2026-01-01T00:00:00Z'
const t2 = '2026-01-01T00:01:00Z'
const ready: PodCondition = { type: 'Ready', status: 'True' }
const deferred = { reason: 'Deferred', message: 'used: 1', generation: 2, now: t1 } as const
const pending = setPending([ready], deferred).conditions
const running = setInProgress([ready], { generation: 2, now: t1 }).conditions
const failed = setInProgress(running, { error: 'boom', generation: 2, now: t2 }).conditions

describe('PodResizePending (4.7)', () => {
  test('a new one', () => {
    const { conditions, changed } = setPending([ready], deferred)
    assert.equal(changed, true)
    assert.deepEqual(conditions, [
      ready,
      {
        type: pendingType,
        status: 'True',
        reason: 'Deferred',
        message: 'used: 1',
        lastProbeTime: t1,
        lastTransitionTime: t1,
        observedGeneration: 2,
      },
    ])
  })

  const cases = [
    ['the same again', {}, false, t1],
    ['another message', { message: 'used: 2' }, false, t1],
    ['another generation', { generation: 3 }, true, t1],
    ['another reason', { reason: 'Infeasible' }, true, t2],
  ] as const
  for (const [name, difference, changed, transition] of cases) {
    test(name, () => {
      const result = setPending(pending, { ...deferred, now: t2, ...difference })
      const condition = conditionOf(result.conditions, pendingType)
      assert.equal(result.changed, changed)
      assert.equal(condition?.lastTransitionTime, transition)
      assert.equal(condition?.lastProbeTime, t2)
      assert.equal(condition?.message, { ...deferred, ...difference }.message)
      assert.equal(result.conditions.length, 2)
    })
  }

  test('cleared', () => {
    const { conditions, cleared } = clearPending(pending)
    assert.deepEqual(conditions, [ready])
    assert.equal(cleared?.observedGeneration, 2)
    assert.deepEqual(clearPending(conditions), { conditions, cleared: undefined })
  })
})

describe('PodResizeInProgress (4.7)', () => {
  test('has no reason and no message while it runs', () => {
    assert.deepEqual(conditionOf(running, inProgressType), {
      type: inProgressType,
      status: 'True',
      lastProbeTime: t1,
      lastTransitionTime: t1,
      observedGeneration: 2,
    })
  })

  const cases = [
    ['the same again', running, undefined, false, t1, undefined],
    ['an error', running, 'boom', true, t2, 'boom'],
    ['the same error again', failed, 'boom', false, t2, 'boom'],
    ['another error', failed, 'bang', true, t2, 'bang'],
    ['an error stays until it is cleared', failed, undefined, false, t2, 'boom'],
  ] as const
  for (const [name, before, error, changed, transition, message] of cases) {
    test(name, () => {
      const update = { ...(error ? { error } : {}), generation: 7, now: t2 }
      const result = setInProgress(before, update)
      const condition = conditionOf(result.conditions, inProgressType)
      assert.equal(result.changed, changed)
      assert.equal(condition?.lastTransitionTime, transition)
      assert.equal(condition?.message, message)
      assert.equal(condition?.reason, message ? 'Error' : undefined)
      assert.equal(condition?.observedGeneration, 2, 'the generation never changes')
    })
  }

  test('an accepted size ends the wait and forgets the error', () => {
    const both = setPending(failed, deferred).conditions
    const { conditions } = startProgress(both, { generation: 5, now: t2 })
    assert.equal(conditionOf(conditions, pendingType), undefined)
    const progress = conditionOf(conditions, inProgressType)
    assert.equal(progress?.observedGeneration, 5)
    assert.equal(progress?.reason, undefined)
    assert.equal(progress?.message, undefined)
    assert.equal(progress?.lastTransitionTime, t2)
  })

  test('cleared, with the generation that is told', () => {
    const { conditions, cleared } = clearInProgress(failed)
    assert.deepEqual(conditions, [ready])
    assert.equal(cleared?.observedGeneration, 2)
  })
})

test('both may be there together, and both go when the pod ends', () => {
  const both = setPending(running, deferred).conditions
  assert.equal(both.length, 3)
  assert.deepEqual(clearBoth(both), [ready])
})
