import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { PodSpec, ResourceRequirements } from '../pod.ts'
import { bytes } from '../units.ts'
import {
  burstableReservation,
  containerUnified,
  type MemoryPolicy,
  memoryRequestOf,
  podReservation,
  rootReservation,
} from './memory-qos.ts'
import { maySwap, swapLimit } from './swap.ts'

const gibi = 2 ** 30

const qos: MemoryPolicy = {
  qos: { allocatable: bytes(16 * gibi), throttlingFactor: 0.9, pageSize: bytes(4096) },
}

function spec(resources: ResourceRequirements, more: Partial<PodSpec> = {}): PodSpec {
  return { containers: [{ name: 'a', resources }], ...more }
}

function unified(policy: MemoryPolicy, of: PodSpec) {
  return containerUnified(policy, of, of.containers[0]!)
}

const burstable = { requests: { memory: '128Mi' }, limits: { memory: '256Mi' } }
const guaranteed = {
  requests: { cpu: '1', memory: '256Mi' },
  limits: { cpu: '1', memory: '256Mi' },
}

describe('what a container gets beside its limit (1.8)', () => {
  test('without MemoryQoS kills take the whole container, and that is all', () => {
    assert.deepEqual(unified({}, spec(burstable)), { 'memory.oom.group': '1' })
  })

  test('Burstable: protected softly, throttled at nine tenths of the way', () => {
    assert.deepEqual(unified(qos, spec(burstable)), {
      'memory.oom.group': '1',
      'memory.min': '0',
      'memory.low': '134217728',
      'memory.high': '255012864',
    })
  })

  test('Guaranteed: protected hard, and never throttled', () => {
    assert.deepEqual(unified(qos, spec(guaranteed)), {
      'memory.oom.group': '1',
      'memory.min': '268435456',
      'memory.low': '0',
      'memory.high': 'max',
    })
  })

  test('without a limit the node is the limit; nothing asked for, nothing protected', () => {
    assert.equal(unified(qos, spec({ requests: { memory: '64Mi' } }))['memory.high'], '15468593152')
    const { 'memory.min': min, 'memory.low': low } = unified(qos, spec({}))
    assert.deepEqual([min, low], ['0', '0'])
  })

  test('a pod-level limit counts where the container has none', () => {
    const of = spec({ requests: { memory: '128Mi' } }, { resources: burstable })
    assert.equal(unified(qos, of)['memory.high'], '255012864')
  })
})

describe('above the containers', () => {
  test('pods', () => {
    assert.deepEqual(podReservation(spec(guaranteed)), {
      'memory.min': '268435456',
      'memory.low': '0',
    })
    assert.deepEqual(podReservation(spec(burstable)), {
      'memory.min': '0',
      'memory.low': '134217728',
    })
    assert.deepEqual(podReservation(spec({})), {})
  })

  test('the Burstable class and the root', () => {
    const { guaranteed: hard } = memoryRequestOf(spec(guaranteed))
    const { burstable: soft } = memoryRequestOf(spec(burstable))
    const sums = { guaranteed: hard, burstable: soft }
    assert.deepEqual(burstableReservation(sums), { 'memory.low': '134217728' })
    assert.deepEqual(rootReservation(sums), { 'memory.min': '402653184' })
  })
})

describe('swap (1.11)', () => {
  const swap = {
    behavior: 'LimitedSwap',
    memory: bytes(16 * gibi),
    capacity: bytes(4 * gibi),
  } as const

  test('a container has of the swap what its request is of the memory', () => {
    assert.equal(unified({ swap }, spec(burstable))['memory.swap.max'], `${32 * 2 ** 20}`)
    assert.equal(swapLimit(spec(burstable).containers[0]!, { memory: bytes(0), swap: bytes(9) }), 0)
  })

  test('who may not swap gets 0', () => {
    const none: readonly PodSpec[] = [
      spec(guaranteed),
      spec({}),
      spec({ requests: { cpu: '1' } }),
      spec({ requests: { memory: '1Gi' }, limits: { memory: '1Gi' } }),
      spec(burstable, { priority: 2_000_000_000 }),
    ]
    for (const of of none) {
      assert.equal(maySwap(of, of.containers[0]!), false)
      assert.equal(unified({ swap }, of)['memory.swap.max'], '0')
    }
    const off = { swap: { ...swap, behavior: 'NoSwap' } } as const
    assert.equal(unified(off, spec(burstable))['memory.swap.max'], '0')
  })
})
