import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PodCondition } from '../../pod.ts'
import { oomScoreType, withOomScore } from './oom-score-condition.ts'

const other: PodCondition = { type: 'PodResizePending', status: 'True' }
const messageOf = (conditions: readonly PodCondition[]) =>
  conditions.find(({ type }) => type === oomScoreType)?.message?.split('; ')

test('each container is told of for as long as it keeps its score', () => {
  const first = withOomScore([other], 'a', { container: 'a', holds: 990, wanted: 980 }, 't1')
  const both = withOomScore(first, 'b', { container: 'b', holds: 999, wanted: 900 }, 't2')
  assert.equal(messageOf(both)?.length, 2)
  assert.match(messageOf(both)?.[0] ?? '', /^container "a" keeps oom_score_adj 990 instead of 980 /)
  assert.equal(both.at(-1)?.lastTransitionTime, 't1')
  const again = withOomScore(both, 'a', { container: 'a', holds: 990, wanted: 970 }, 't3')
  assert.match(messageOf(again)?.[1] ?? '', /instead of 970/)
  const one = withOomScore(again, 'a', undefined, 't4')
  assert.match(messageOf(one)?.[0] ?? '', /^container "b"/)
  assert.deepEqual(withOomScore(one, 'b', undefined, 't5'), [other])
})

test('without anything to tell the conditions stay the same object', () => {
  const conditions = [other]
  assert.equal(withOomScore(conditions, 'a', undefined, 't'), conditions)
})
