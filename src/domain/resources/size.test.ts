import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import type { ResourceRequirements } from '../pod.ts'
import { resourcesOf, sameSize, sizeOf, type Size } from './size.ts'
import { bytes, milliCpu } from '../units.ts'

const cases: readonly (readonly [string, ResourceRequirements | undefined, object])[] = [
  ['nothing', undefined, {}],
  ['empty', {}, {}],
  ['empty lists', { requests: {}, limits: {} }, {}],
  [
    'all four',
    { requests: { cpu: '250m', memory: '64Mi' }, limits: { cpu: '0.5', memory: '128Mi' } },
    { cpuRequest: 250, cpuLimit: 500, memoryRequest: 67_108_864, memoryLimit: 134_217_728 },
  ],
  ['zero is set', { requests: { cpu: '0' } }, { cpuRequest: 0 }],
  [
    'fractions go up',
    { requests: { cpu: '0.0001', memory: '100m' } },
    { cpuRequest: 1, memoryRequest: 1 },
  ],
  ['other resources', { limits: { 'example.com/gpu': '1' } }, {}],
  ['negative', { requests: { cpu: '-1' } }, { cpuRequest: 0 }],
  ['malformed', { requests: { cpu: 'half' } }, {}],
  [
    'more than a number holds',
    { limits: { memory: '8Ei' } },
    { memoryLimit: Number.MAX_SAFE_INTEGER },
  ],
]

describe('sizeOf', () => {
  for (const [name, resources, expected] of cases) {
    test(name, () => assert.deepEqual(sizeOf(resources), expected))
  }
})

const size: fc.Arbitrary<Size> = fc.record(
  {
    cpuRequest: fc.maxSafeNat().map(milliCpu),
    cpuLimit: fc.maxSafeNat().map(milliCpu),
    memoryRequest: fc.maxSafeNat().map(bytes),
    memoryLimit: fc.maxSafeNat().map(bytes),
  },
  { requiredKeys: [] },
)

test('a size comes back from the resources that it makes', () => {
  fc.assert(fc.property(size, (one) => assert.deepEqual(sizeOf(resourcesOf(one)), { ...one })))
})

test('resources without values have no lists', () => {
  assert.deepEqual(resourcesOf({}), {})
  assert.deepEqual(resourcesOf({ cpuLimit: milliCpu(1500) }), { limits: { cpu: '1500m' } })
})

test('absent is the same size as 0', () => {
  assert.equal(sameSize({}, { cpuRequest: milliCpu(0), memoryLimit: bytes(0) }), true)
  assert.equal(sameSize({}, { cpuRequest: milliCpu(1) }), false)
  assert.equal(sameSize({ memoryLimit: bytes(1) }, { memoryRequest: bytes(1) }), false)
})
