import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import type { ResourceRequirements } from '../pod.ts'
import { resourcesOf, sizeOf, type Size } from '../resources/size.ts'
import { bytes, cpuShares, cpuWeight, micros, milliCpu } from '../units.ts'
import { weightFor } from './cpu.ts'
import { containerKnobs, unlimitedWhereUnset, type CgroupReading } from './knobs.ts'
import { containerResources, type ContainerResourcesInput } from './status.ts'

const period = micros(100_000)

/** What the kernel says after a container of this size was given to it. */
function readingOf(size: Size, formula: 'v1' | 'linear' | 'quadratic' = 'v1'): CgroupReading {
  const knobs = unlimitedWhereUnset(containerKnobs(size))
  const { cpuShares: shares = cpuShares(2), cpuQuota = 'max', memoryLimit = 'max' } = knobs
  return {
    cpu:
      formula === 'v1'
        ? { kind: 'shares', shares }
        : { kind: 'weight', weight: weightFor(shares, formula) },
    cpuQuota,
    cpuPeriod: period,
    memoryLimit: memoryLimit === 'max' ? 'max' : bytes(memoryLimit - (memoryLimit % 4096)),
  }
}

const small: ResourceRequirements = {
  requests: { cpu: '250m', memory: '64Mi' },
  limits: { cpu: '500m', memory: '128Mi' },
}
const large: ResourceRequirements = {
  requests: { cpu: '750m', memory: '96Mi' },
  limits: { cpu: '1', memory: '256Mi' },
}
const nothing: ResourceRequirements = { requests: {}, limits: {} }
const gpu = { 'example.com/gpu': '1' }
const tiny: ResourceRequirements = { requests: { cpu: '1m' }, limits: { cpu: '5m' } }

type Case = readonly [name: string, input: ContainerResourcesInput, expected: ResourceRequirements]

const cases: readonly Case[] = [
  [
    'a container that does not run shows what it will get',
    { allocated: small, actuated: {} },
    small,
  ],
  ['no resources', { allocated: undefined, actuated: {}, reading: readingOf({}) }, {}],
  ['no lists', { allocated: {}, actuated: {}, reading: readingOf(sizeOf(small)) }, {}],
  [
    'all as it should be',
    { allocated: small, actuated: sizeOf(small), reading: readingOf(sizeOf(small)) },
    small,
  ],
  [
    'a resize that has not been done yet',
    { allocated: large, actuated: sizeOf(small), reading: readingOf(sizeOf(small)) },
    small,
  ],
  [
    'a resize that has been done but not recorded; memory requests are only recorded',
    { allocated: large, actuated: sizeOf(small), reading: readingOf(sizeOf(large), 'quadratic') },
    { ...large, requests: { cpu: '750m', memory: '64Mi' } },
  ],
  [
    'no record at all',
    { allocated: small, actuated: {}, reading: readingOf(sizeOf(small), 'linear') },
    small,
  ],
  [
    'limits that are not there yet',
    {
      allocated: { ...small, requests: {} },
      actuated: {},
      reading: readingOf({}),
    },
    nothing,
  ],
  [
    'other resources and claims are the allocated ones',
    {
      allocated: { requests: { ...gpu, cpu: '750m' }, limits: gpu, claims: [{ name: 'x' }] },
      actuated: { cpuRequest: milliCpu(250) },
      reading: readingOf({ cpuRequest: milliCpu(250) }),
    },
    { requests: { cpu: '250m', ...gpu }, limits: gpu, claims: [{ name: 'x' }] },
  ],
  [
    'below what the kernel can hold',
    { allocated: tiny, actuated: sizeOf(tiny), reading: readingOf(sizeOf(tiny)) },
    tiny,
  ],
  [
    'below what the kernel can hold, one after the other',
    {
      allocated: { requests: { cpu: '0' }, limits: { cpu: '5m' } },
      actuated: sizeOf(tiny),
      reading: readingOf(sizeOf(tiny)),
    },
    { requests: { cpu: '0' }, limits: { cpu: '5m' } },
  ],
  [
    'less than a page is still the limit that was set',
    {
      allocated: { limits: { memory: '50M' } },
      actuated: { memoryLimit: bytes(50_000_000) },
      reading: readingOf({ memoryLimit: bytes(50_000_000) }),
    },
    { limits: { memory: '50M' } },
  ],
  [
    'somebody has written to the files, v1',
    {
      allocated: small,
      actuated: sizeOf(small),
      reading: {
        cpu: { kind: 'shares', shares: cpuShares(1024) },
        cpuQuota: micros(30_000),
        cpuPeriod: micros(50_000),
        memoryLimit: bytes(200_003_584),
      },
    },
    { requests: { cpu: '1', memory: '64Mi' }, limits: { cpu: '600m', memory: '195316Ki' } },
  ],
  [
    'somebody has written to the files, v2',
    {
      allocated: small,
      actuated: sizeOf(small),
      reading: { ...readingOf(sizeOf(small)), cpu: { kind: 'weight', weight: cpuWeight(39) } },
    },
    { ...small, requests: { cpu: '975m', memory: '64Mi' } },
  ],
  [
    'somebody has written to the files, v2 with a newer runtime',
    {
      allocated: small,
      actuated: sizeOf(small),
      reading: { ...readingOf(sizeOf(small)), cpu: { kind: 'weight', weight: cpuWeight(100) } },
      formula: 'quadratic',
    },
    { ...small, requests: { cpu: '1', memory: '64Mi' } },
  ],
  [
    'somebody has taken the limits away',
    {
      allocated: small,
      actuated: sizeOf(small),
      reading: { ...readingOf(sizeOf(small)), cpuQuota: 'max', memoryLimit: 'max' },
    },
    { ...small, limits: {} },
  ],
  [
    'a quota that systemd has rounded',
    {
      allocated: { limits: { cpu: '333m' } },
      actuated: { cpuLimit: milliCpu(333) },
      reading: { ...readingOf({ cpuLimit: milliCpu(333) }), cpuQuota: micros(34_000) },
      systemd: true,
    },
    { limits: { cpu: '333m' } },
  ],
  [
    'the same quota where there is no systemd',
    {
      allocated: { limits: { cpu: '333m' } },
      actuated: { cpuLimit: milliCpu(333) },
      reading: { ...readingOf({ cpuLimit: milliCpu(333) }), cpuQuota: micros(34_000) },
    },
    { limits: { cpu: '340m' } },
  ],
]

describe('containerResources', () => {
  for (const [name, input, expected] of cases) {
    test(name, () => assert.deepEqual(containerResources(input), expected))
  }
})

test('what the kernel was given is shown exactly', () => {
  const sizes = fc.record({
    cpuRequest: fc.nat(256_000).map(milliCpu),
    cpuLimit: fc.integer({ min: 1, max: 256_000 }).map(milliCpu),
    memoryRequest: fc.nat().map(bytes),
    memoryLimit: fc.integer({ min: 1, max: 2 ** 31 }).map(bytes),
  })
  const formula = fc.constantFrom('v1', 'linear', 'quadratic')
  fc.assert(
    fc.property(sizes, formula, (size, how) => {
      const allocated = resourcesOf(size)
      const reading = readingOf(size, how)
      assert.deepEqual(containerResources({ allocated, actuated: size, reading }), allocated)
    }),
  )
})
