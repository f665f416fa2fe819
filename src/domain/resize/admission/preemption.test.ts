import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Pod } from '../../pod.ts'
import { isCritical, isPreemptable, podsToPreempt } from './preemption.ts'

interface Ask {
  readonly cpu?: string
  readonly memory?: string
  readonly limited?: boolean
  readonly priority?: number
}

function pod(name: string, { cpu, memory, limited = false, priority }: Ask = {}): Pod {
  const requests = { ...(cpu && { cpu }), ...(memory && { memory }) }
  const resources = limited ? { requests, limits: requests } : { requests }
  return {
    metadata: { name, uid: name },
    spec: { containers: [{ name: 'a', resources }], ...(priority !== undefined && { priority }) },
  }
}

const critical = pod('critical', { cpu: '1', priority: 2_000_000_000 })
const lacks = (cpu: number, memory = 0) => [
  { resource: 'cpu', requested: cpu, used: 0, capacity: 0 },
  ...(memory > 0 ? [{ resource: 'memory', requested: memory, used: 0, capacity: 0 }] : []),
]
const names = (pods: readonly Pod[] | undefined) => pods?.map(({ metadata }) => metadata.name)

describe('who has to go for a critical pod (4.6)', () => {
  const burstable = [pod('b200', { cpu: '200m' }), pod('b500', { cpu: '500m' })]
  const guaranteed = pod('g', { cpu: '1', memory: '1Gi', limited: true })

  test('the one that fits best, not more', () => {
    assert.deepEqual(names(podsToPreempt(critical, burstable, lacks(300))), ['b500'])
    assert.deepEqual(names(podsToPreempt(critical, burstable, lacks(150))), ['b200'])
    assert.deepEqual(names(podsToPreempt(critical, burstable, lacks(600))), ['b500', 'b200'])
  })

  test('Guaranteed pods only for what all others together lack', () => {
    assert.deepEqual(names(podsToPreempt(critical, [guaranteed, ...burstable], lacks(700))), [
      'b500',
      'b200',
    ])
    assert.deepEqual(names(podsToPreempt(critical, [guaranteed, ...burstable], lacks(900))), ['g'])
  })

  test('BestEffort pods free places, nothing else', () => {
    const shortage = [{ resource: 'pods', requested: 1, used: 10, capacity: 10 }]
    const others = [guaranteed, pod('none'), ...burstable]
    assert.deepEqual(names(podsToPreempt(critical, others, shortage)), ['none'])
    assert.equal(podsToPreempt(critical, [pod('none')], lacks(1)), undefined)
  })

  test('nobody, if not even all would do', () => {
    assert.equal(podsToPreempt(critical, burstable, lacks(701)), undefined)
  })

  test('nobody in the place of one that goes already', () => {
    const isLeaving = (one: Pod) => one.metadata.name === 'b500'
    const chosen = (cpu: number) => names(podsToPreempt(critical, burstable, lacks(cpu), isLeaving))
    assert.deepEqual(chosen(150), [])
    assert.deepEqual(chosen(600), ['b200'])
    assert.equal(chosen(701), undefined)
  })

  test('other critical pods stay, unless their priority is lower', () => {
    const other = pod('other', { cpu: '1', priority: 2_000_000_000 })
    assert.equal(podsToPreempt(critical, [other], lacks(100)), undefined)
    const higher = pod('higher', { priority: 2_000_001_000 })
    assert.deepEqual(names(podsToPreempt(higher, [other], lacks(100))), ['other'])
  })
})

test('critical: static, mirror, and from 2 000 000 000 up', () => {
  assert.equal(isCritical(critical), true)
  assert.equal(isCritical(pod('a', { priority: 1_999_999_999 })), false)
  const annotated = (key: string) => ({
    ...pod('a'),
    metadata: { name: 'a', annotations: { [key]: 'file' } },
  })
  assert.equal(isCritical(annotated('kubernetes.io/config.source')), true)
  assert.equal(isCritical(annotated('kubernetes.io/config.mirror')), true)
  assert.equal(isPreemptable(pod('a', { priority: 5 }), pod('b', { priority: 4 })), true)
  assert.equal(isPreemptable(pod('a', { priority: 5 }), pod('b')), false)
})
