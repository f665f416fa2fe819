import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Container, PodSpec } from '../pod.ts'
import { parseQuantity, wholeValue } from '../quantity/quantity.ts'
import { bytes, type Bytes } from '../units.ts'
import { oomScoreAdj } from './oom-score.ts'

function bytesIn(text: string): Bytes {
  const quantity = parseQuantity(text)
  assert.ok(quantity)
  return bytes(wholeValue(quantity))
}

function asking(memory: string, name = 'c'): Container {
  return { name, resources: { requests: { cpu: '1m', memory } } }
}

/** Memory request, memory of the machine, score. */
const scores: readonly (readonly [string, string, number])[] = [
  ['0', '16Gi', 999],
  ['16Mi', '16Gi', 999],
  ['17Mi', '16Gi', 999],
  ['64Mi', '16Gi', 997],
  ['128Mi', '16Gi', 993],
  ['256Mi', '16Gi', 985],
  ['1Gi', '32Gi', 969],
  ['512Mi', '16Gi', 969],
  ['1Gi', '16Gi', 938],
  ['4Gi', '16Gi', 750],
  ['8Gi', '16Gi', 500],
  ['16Gi', '16Gi', 3],
  ['17Gi', '16Gi', 3],
  ['128Mi', '8Gi', 985],
  ['128Mi', '3.75Gi', 967],
]

describe('a Burstable container', () => {
  for (const [request, capacity, expected] of scores) {
    test(`that asks for ${request} of ${capacity} has ${expected}`, () => {
      const container = asking(request)
      const spec = { containers: [container] }
      const score = oomScoreAdj({ spec, container, nodeMemory: bytesIn(capacity) })
      assert.equal(score, expected)
    })
  }
})

const nodeMemory = bytesIn('16Gi')

function scoresOf(spec: PodSpec, isStatic = false): readonly number[] {
  return [...(spec.initContainers ?? []), ...spec.containers].map((container) =>
    oomScoreAdj({ spec, container, nodeMemory, isStatic }),
  )
}

const full = { cpu: '1', memory: '1Gi' }
const guaranteed: Container = { name: 'g', resources: { requests: full, limits: full } }
const bestEffort: Container = { name: 'b' }

describe('other containers', () => {
  test('Guaranteed and BestEffort are the two ends', () => {
    assert.deepEqual(scoresOf({ containers: [guaranteed] }), [-997])
    assert.deepEqual(scoresOf({ containers: [bestEffort] }), [1000])
  })
  test('a container that asks for nothing in a Burstable pod', () => {
    assert.deepEqual(scoresOf({ containers: [guaranteed, bestEffort] }), [938, 999])
  })
  test('node-critical pods are like Guaranteed ones', () => {
    const named = { containers: [bestEffort], priorityClassName: 'system-node-critical' }
    assert.deepEqual(scoresOf({ ...named, priority: 2_000_001_000 }), [-997])
    assert.deepEqual(scoresOf(named, true), [-997])
    assert.deepEqual(scoresOf(named), [1000])
    assert.deepEqual(scoresOf({ containers: [bestEffort], priority: 2_000_001_000 }), [1000])
  })
  test('a sidecar is killed no sooner than the smallest container it serves', () => {
    const sidecar: Container = { ...asking('64Mi', 's'), restartPolicy: 'Always' }
    const containers = [asking('4Gi', 'a'), asking('1Gi', 'b')]
    assert.deepEqual(scoresOf({ initContainers: [sidecar], containers }), [938, 750, 938])
    const large: Container = { ...asking('8Gi', 's'), restartPolicy: 'Always' }
    assert.deepEqual(scoresOf({ initContainers: [large], containers }), [500, 750, 938])
  })
  test('a plain init container stands for itself', () => {
    const spec = { initContainers: [asking('64Mi', 'i')], containers: [asking('4Gi')] }
    assert.deepEqual(scoresOf(spec), [997, 750])
  })
  test('what a pod asks for beyond its containers is shared among them', () => {
    const spec: PodSpec = {
      containers: [asking('1Gi', 'a'), asking('3Gi', 'b')],
      resources: { requests: { memory: '8Gi' } },
    }
    assert.deepEqual(scoresOf(spec), [813, 688])
  })
})
