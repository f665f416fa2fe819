import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Pod, PodSpec } from '../../pod.ts'
import { compareResizes, raisesRequests, type WaitingResize } from './queue.ts'

interface Waiting {
  readonly name: string
  readonly cpu?: string
  readonly memory?: string
  readonly priority?: number
  readonly guaranteed?: boolean
  readonly since?: string
}

const specOf = (cpu: string, memory: string, guaranteed = false): PodSpec => {
  const list = { cpu, memory }
  const resources = { requests: list, ...(guaranteed ? { limits: list } : {}) }
  return { containers: [{ name: 'a', resources }] }
}

function waiting({ name, cpu = '2', memory = '1Gi', priority, guaranteed, since }: Waiting) {
  const condition = { type: 'PodResizePending', status: 'True', reason: 'Deferred' }
  const pod: Pod = {
    metadata: { name },
    spec: { ...specOf(cpu, memory, guaranteed), ...(priority === undefined ? {} : { priority }) },
    status: since ? { conditions: [{ ...condition, lastTransitionTime: since }] } : {},
  }
  return { pod, allocated: specOf('1', '1Gi', guaranteed) } satisfies WaitingResize
}

const cases: readonly (readonly [string, readonly Waiting[]])[] = [
  [
    'one that asks for no more',
    [
      { name: 'first', cpu: '500m' },
      { name: 'second', priority: 9 },
    ],
  ],
  [
    'higher priority',
    [
      { name: 'first', priority: 1 },
      { name: 'second', guaranteed: true },
    ],
  ],
  ['no priority is 0', [{ name: 'first' }, { name: 'second', priority: -1 }]],
  [
    'Guaranteed',
    [
      { name: 'first', guaranteed: true },
      { name: 'second', since: '2026-01-01T00:00:00Z' },
    ],
  ],
  [
    'waiting longer',
    [
      { name: 'first', since: '2026-01-01T00:00:00Z' },
      { name: 'second', since: '2026-01-01T00:00:01Z' },
      { name: 'third' },
    ],
  ],
  ['else the order stays', [{ name: 'first' }, { name: 'second' }]],
]

describe('queue order (4.2)', () => {
  for (const [name, expected] of cases) {
    test(name, () => {
      const names = expected.map((one) => one.name)
      const sorted = expected.map(waiting).sort(compareResizes)
      assert.deepEqual(
        sorted.map(({ pod }) => pod.metadata.name),
        names,
      )
      if (name.startsWith('else')) return
      const reversed = expected.toReversed().map(waiting).sort(compareResizes)
      assert.deepEqual(
        reversed.map(({ pod }) => pod.metadata.name),
        names,
      )
    })
  }

  test('a pod asks for more if one of CPU and memory rises', () => {
    assert.equal(raisesRequests(waiting({ name: 'a', cpu: '500m', memory: '2Gi' })), true)
    assert.equal(raisesRequests(waiting({ name: 'a', cpu: '1', memory: '1Gi' })), false)
  })
})
