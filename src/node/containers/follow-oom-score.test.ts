import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nothingObserved, type ObservedContainer } from '../../domain/lifecycle/observed.ts'
import type { Container, Pod } from '../../domain/pod.ts'
import type { Size } from '../../domain/resources/size.ts'
import { bytes, milliCpu } from '../../domain/units.ts'
import { followOomScores, noteOomScore, type OomScoreContext } from './follow-oom-score.ts'
import { OomScoreRecord } from './oom-score-record.ts'
import { ResizeConditions } from '../reporting/resize-conditions.ts'

const mi = (count: number) => bytes(count * 1024 * 1024)

function asking(name: string, request: string): Container {
  const resources = { requests: { memory: request }, limits: { memory: '1Gi' } }
  return { name, image: 'i', resources }
}

function podOf(request: string, more: Partial<Pod['spec']> = {}): Pod {
  return {
    metadata: { name: 'p', uid: 'u' },
    spec: { containers: [asking('app', request)], ...more },
  }
}

/** With a sidecar that asks for next to nothing, and lives as long as the container it serves. */
function withSidecar(request: string, more: Partial<Pod['spec']> = {}): Pod {
  return podOf(request, {
    initContainers: [{ ...asking('side', '10Mi'), restartPolicy: 'Always' }],
    ...more,
  })
}

/**
 * A machine of 1000 MiB, where nobody may lower a score.
 *
 * @param scores by process, by container.
 * @param actuated by container.
 */
function machine(
  scores: Readonly<Record<string, Map<number, number>>>,
  actuated: Readonly<Record<string, Size>> = {},
): OomScoreContext {
  const running = Object.keys(scores).map((name): ObservedContainer => {
    const image = { image: 'i', imageId: 'i' }
    return { id: name, name, attempt: 0, state: 'running', createdAt: 0, ...image }
  })
  const of = (pid: number) => Object.values(scores).find((one) => one.has(pid))
  return {
    machine: { cpu: milliCpu(1000), memory: mi(1000), address: '' },
    conditions: new ResizeConditions(),
    onStep: () => {},
    now: () => new Date(0),
    oomScoreRecord: new OomScoreRecord(),
    observed: { get: () => ({ ...nothingObserved, containers: running }) },
    checkpoint: { actuated: () => new Map(Object.entries(actuated)) },
    // With one that is gone, and out of order.
    cgroups: {
      containers: {
        processes: (_, id) => [99, ...(scores[id]?.keys() ?? [])].toReversed(),
      },
    },
    oomScores: {
      read(pid) {
        const score = of(pid)?.get(pid)
        if (score === undefined) throw Object.assign(new Error('gone'), { code: 'notFound' })
        return score
      },
      write(pid, value) {
        if (value < (of(pid)?.get(pid) ?? 0)) {
          throw Object.assign(new Error('no'), { code: 'denied' })
        }
        of(pid)?.set(pid, value)
      },
    },
  }
}

test('processes with the score of the first follow, others and those that are gone do not matter', () => {
  const app = new Map([
    [3, 800],
    [5, 0],
    [7, 800],
  ])
  followOomScores(machine({ app }, { app: { memoryRequest: mi(200) } }), podOf('100Mi'))
  assert.deepEqual([...app.values()], [900, 0, 900])
})

test('where it is not allowed the conditions say what is kept, until it starts again', () => {
  const app = new Map([[3, 900]])
  const context = machine({ app }, { app: { memoryRequest: mi(100) } })
  followOomScores(context, podOf('200Mi'))
  assert.deepEqual([...app.values()], [900])
  const [condition] = context.conditions.get('u')
  assert.match(condition?.message ?? '', /^container "app" keeps oom_score_adj 900 instead of 800 /)
  noteOomScore(context, podOf('200Mi'), 'app', 'app')
  assert.deepEqual(context.conditions.get('u'), [])
})

test('a change of anything but the memory request leaves the scores alone', () => {
  const app = new Map([[3, 123]])
  followOomScores(machine({ app }, { app: { memoryRequest: mi(200) } }), podOf('200Mi'))
  assert.deepEqual([...app.values()], [123])
})

test('a sidecar follows the container that it serves', () => {
  const [app, side] = [new Map([[3, 800]]), new Map([[4, 800]])]
  const before = { app: { memoryRequest: mi(200) }, side: { memoryRequest: mi(10) } }
  followOomScores(machine({ app, side }, before), withSidecar('100Mi'))
  assert.deepEqual([...app.values(), ...side.values()], [900, 900])
})

test('all follow what the pod as a whole asks for', () => {
  const [app, side] = [new Map([[3, 675]]), new Map([[4, 675]])]
  const context = machine({ app, side })
  const asked = (memory: string) => withSidecar('200Mi', { resources: { requests: { memory } } })
  // (460 - 210) / 2 for each beyond its own.
  for (const name of ['app', 'side']) noteOomScore(context, asked('460Mi'), name, name)
  followOomScores(context, asked('310Mi'))
  assert.deepEqual([...app.values(), ...side.values()], [750, 750])
})
