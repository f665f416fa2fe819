import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { PodSpec, ResourceRequirements } from '../pod.ts'
import { bytes } from '../units.ts'
import {
  burstableReservation,
  containerUnified,
  type MemoryPolicy,
  type MemoryQos,
  memoryRequestOf,
  podReservation,
  rootReservation,
  type UnifiedFiles,
} from './memory-qos.ts'
import { maySwap, swapLimit } from './swap.ts'

const gibi = 2 ** 30

const tiered: MemoryQos = {
  reservation: 'TieredReservation',
  allocatable: bytes(16 * gibi),
  throttlingFactor: 0.9,
  pageSize: bytes(4096),
}
const none: MemoryQos = { ...tiered, reservation: 'None' }
const hard: MemoryQos = { ...tiered, reservation: 'Hard' }
const qos: MemoryPolicy = { qos: tiered }

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

describe('what is protected, by policy (1.8)', () => {
  const request = '134217728'
  const all = '268435456'
  const sums = {
    guaranteed: memoryRequestOf(spec(guaranteed)).guaranteed,
    burstable: memoryRequestOf(spec(burstable)).burstable,
  }
  const policies: readonly (readonly [MemoryQos, Record<string, UnifiedFiles>])[] = [
    [
      hard,
      {
        'a Guaranteed container': { 'memory.min': all },
        'a Burstable container': { 'memory.min': request },
        'a Guaranteed pod': { 'memory.min': all },
        'a Burstable pod': { 'memory.min': request },
        'a BestEffort pod': {},
        'the Burstable class': { 'memory.min': request },
        'all pods': { 'memory.min': '402653184' },
      },
    ],
    [
      none,
      {
        'a Guaranteed container': { 'memory.min': '0', 'memory.low': '0' },
        'a Burstable container': { 'memory.min': '0', 'memory.low': '0' },
        'a Guaranteed pod': {},
        'a Burstable pod': {},
        'a BestEffort pod': {},
        'the Burstable class': { 'memory.low': '0' },
        'all pods': { 'memory.min': '0' },
      },
    ],
    [
      tiered,
      {
        'a Guaranteed container': { 'memory.min': all, 'memory.low': '0' },
        'a Burstable container': { 'memory.min': '0', 'memory.low': request },
        'a Guaranteed pod': { 'memory.min': all, 'memory.low': '0' },
        'a Burstable pod': { 'memory.min': '0', 'memory.low': request },
        'a BestEffort pod': {},
        'the Burstable class': { 'memory.low': request },
        'all pods': { 'memory.min': '402653184' },
      },
    ],
  ]
  for (const [policy, expected] of policies) {
    test(policy.reservation, () => {
      assert.deepEqual(
        {
          'a Guaranteed container': protectedIn(policy, spec(guaranteed)),
          'a Burstable container': protectedIn(policy, spec(burstable)),
          'a Guaranteed pod': podReservation(policy, spec(guaranteed)),
          'a Burstable pod': podReservation(policy, spec(burstable)),
          'a BestEffort pod': podReservation(policy, spec({})),
          'the Burstable class': burstableReservation(policy, sums),
          'all pods': rootReservation(policy, sums),
        },
        expected,
      )
    })
  }

  function protectedIn(policy: MemoryQos, of: PodSpec): UnifiedFiles {
    const {
      'memory.oom.group': _group,
      'memory.high': _high,
      ...rest
    } = unified({ qos: policy }, of)
    return rest
  }
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
