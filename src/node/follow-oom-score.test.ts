import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '../domain/pod.ts'
import { bytes, milliCpu } from '../domain/units.ts'
import { followOomScore, forgetOomScore, type OomScoreContext } from './follow-oom-score.ts'
import { ResizeConditions } from './resize-conditions.ts'

const mi = (count: number) => bytes(count * 1024 * 1024)
const subject = { container: 'app', containerId: 'id' }

function podOf(request: string): Pod {
  const resources = { requests: { memory: request }, limits: { memory: '1Gi' } }
  return {
    metadata: { name: 'p', uid: 'u' },
    spec: { containers: [{ name: 'app', image: 'i', resources }] },
  }
}

/** A machine of 1000 MiB, where nobody may lower a score, with the processes of one container. */
function machine(scores: Map<number, number>): OomScoreContext {
  return {
    machine: { cpu: milliCpu(1000), memory: mi(1000), address: '' },
    conditions: new ResizeConditions(),
    now: () => new Date(0),
    cgroups: { processesOf: () => [7, 3, 5, 9] },
    oomScores: {
      read(pid) {
        const score = scores.get(pid)
        if (score === undefined) throw Object.assign(new Error('gone'), { code: 'notFound' })
        return score
      },
      write(pid, value) {
        if (value < (scores.get(pid) ?? 0)) {
          throw Object.assign(new Error('no'), { code: 'denied' })
        }
        scores.set(pid, value)
      },
    },
  }
}

test('processes with the score of the first follow, others and those that are gone do not matter', () => {
  const scores = new Map([
    [3, 800],
    [5, 0],
    [7, 800],
  ])
  followOomScore(machine(scores), podOf('100Mi'), subject, { memoryRequest: mi(200) })
  assert.deepEqual([...scores.values()], [900, 0, 900])
})

test('where it is not allowed the conditions say what is kept, until it starts again', () => {
  const scores = new Map([[3, 900]])
  const context = machine(scores)
  followOomScore(context, podOf('200Mi'), subject, { memoryRequest: mi(100) })
  assert.deepEqual([...scores.values()], [900])
  const [condition] = context.conditions.get('u')
  assert.match(condition?.message ?? '', /^container "app" keeps oom_score_adj 900 instead of 800 /)
  forgetOomScore(context, podOf('200Mi'), 'app')
  assert.deepEqual(context.conditions.get('u'), [])
})

test('a change of anything but the memory request leaves the scores alone', () => {
  const scores = new Map([[3, 123]])
  followOomScore(machine(scores), podOf('200Mi'), subject, { memoryRequest: mi(200) })
  assert.deepEqual([...scores.values()], [123])
})
