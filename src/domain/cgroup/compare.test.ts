import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { bytes, cpuShares, cpuWeight, micros, milliCpu } from '../units.ts'
import { checkKnobs, compareKnobs, type CgroupLevel, type CompareOptions } from './compare.ts'
import { systemdQuota, weightFor } from './cpu.ts'
import {
  containerKnobs,
  unlimitedWhereUnset,
  type CgroupKnobs,
  type CgroupReading,
} from './knobs.ts'

const period = micros(100_000)
const limits = { cpuQuota: micros(50_000), cpuPeriod: period, memoryLimit: bytes(134_217_728) }
const v1: CgroupReading = { cpu: { kind: 'shares', shares: cpuShares(512) }, ...limits }
const v2: CgroupReading = { cpu: { kind: 'weight', weight: cpuWeight(20) }, ...limits }
const expected: CgroupKnobs = { cpuShares: cpuShares(512), ...limits }
const quadratic: CgroupReading = { ...v2, cpu: { kind: 'weight', weight: cpuWeight(59) } }
const unlimited: CgroupKnobs = { cpuQuota: 'max', memoryLimit: 'max' }

const container: CompareOptions = { level: 'container', systemd: false }
const pod: CompareOptions = { level: 'pod', systemd: false }
const qos: CompareOptions = { level: 'qos', systemd: false }
const bySystemd: CompareOptions = { level: 'pod', systemd: true }
const largePages: CompareOptions = { ...pod, pageSize: bytes(65_536) }

type Case = readonly [
  name: string,
  expected: CgroupKnobs,
  reading: CgroupReading,
  how: CompareOptions,
  differences: readonly string[],
]

const cases: readonly Case[] = [
  ['v1, all as asked', expected, v1, container, []],
  ['v2, all as asked', expected, v2, container, []],
  ['a quadratic weight of a container', expected, quadratic, container, []],
  ['a quadratic weight of a pod', expected, quadratic, pod, ['cpu cpu.weight: 20, found 59']],
  ['a quadratic weight of a QoS class', expected, quadratic, qos, ['cpu cpu.weight: 20, found 59']],
  [
    'another weight of a container',
    expected,
    { ...v2, cpu: { kind: 'weight', weight: cpuWeight(40) } },
    container,
    ['cpu cpu.weight: 20 or 59, found 40'],
  ],
  [
    'one weight by both formulas is named once',
    { cpuShares: cpuShares(2) },
    v2,
    container,
    ['cpu cpu.weight: 1, found 20'],
  ],
  [
    'other shares',
    { cpuShares: cpuShares(1024) },
    v1,
    container,
    ['cpu cpu.shares: 1024, found 512'],
  ],
  [
    'everything else on v1',
    {
      cpuShares: cpuShares(2),
      cpuQuota: micros(1000),
      cpuPeriod: micros(20_000),
      memoryLimit: 'max',
    },
    v1,
    pod,
    [
      'cpu cpu.shares: 2, found 512',
      'cpu cpu.cfs_quota_us: 1000, found 50000',
      'cpu cpu.cfs_period_us: 20000, found 100000',
      'memory memory.limit_in_bytes: 9223372036854771712, found 134217728',
    ],
  ],
  [
    'everything else on v2',
    {
      cpuShares: cpuShares(2),
      cpuQuota: micros(1000),
      cpuPeriod: micros(20_000),
      memoryLimit: 'max',
    },
    v2,
    pod,
    [
      'cpu cpu.weight: 1, found 20',
      'cpu cpu.max: 1000 20000, found 50000 100000',
      'memory memory.max: max, found 134217728',
    ],
  ],
  ['no limits, v1', unlimited, { ...v1, cpuQuota: 'max', memoryLimit: 'max' }, pod, []],
  [
    'no limits, v2, whatever the period',
    { ...unlimited, cpuPeriod: period },
    { ...v2, cpuQuota: 'max', memoryLimit: 'max', cpuPeriod: micros(1000) },
    pod,
    [],
  ],
  [
    'limits that are gone, v1',
    expected,
    { ...v1, cpuQuota: 'max', memoryLimit: 'max' },
    pod,
    [
      'cpu cpu.cfs_quota_us: 50000, found -1',
      'memory memory.limit_in_bytes: 134217728, found 9223372036854771712',
    ],
  ],
  [
    'limits that are gone, v2',
    { cpuQuota: micros(50_000), memoryLimit: bytes(4096) },
    { ...v2, cpuQuota: 'max', memoryLimit: 'max' },
    pod,
    ['cpu cpu.max: 50000 100000, found max 100000', 'memory memory.max: 4096, found max'],
  ],
  ['what is not asked for is not looked at', {}, v2, pod, []],
  ['a quota without a period', { cpuQuota: micros(50_000) }, v1, pod, []],
  [
    'memory in whole pages',
    { memoryLimit: bytes(50_000_000) },
    { ...v2, memoryLimit: bytes(49_999_872) },
    pod,
    [],
  ],
  [
    'memory in large pages',
    { memoryLimit: bytes(50_000_000) },
    { ...v2, memoryLimit: bytes(49_999_872) },
    largePages,
    ['memory memory.max: 49938432, found 49999872'],
  ],
  [
    'a quota rounded by systemd',
    { cpuQuota: micros(33_300), cpuPeriod: period },
    { ...v2, cpuQuota: micros(34_000) },
    bySystemd,
    [],
  ],
  [
    'a quota not rounded by systemd',
    { cpuQuota: micros(33_300), cpuPeriod: period },
    { ...v1, cpuQuota: micros(33_300) },
    bySystemd,
    [],
  ],
  [
    'a rounded quota without systemd',
    { cpuQuota: micros(33_300), cpuPeriod: period },
    { ...v2, cpuQuota: micros(34_000) },
    pod,
    ['cpu cpu.max: 33300 100000, found 34000 100000'],
  ],
  [
    'another quota with systemd',
    { cpuQuota: micros(33_300), cpuPeriod: period },
    { ...v1, cpuQuota: micros(33_400) },
    bySystemd,
    ['cpu cpu.cfs_quota_us: 33300 or 34000, found 33400'],
  ],
]

describe('compareKnobs', () => {
  for (const [name, wanted, reading, how, differences] of cases) {
    test(name, () => {
      const found = compareKnobs(wanted, reading, how).map(
        (one) => `${one.controller} ${one.file}: ${one.expected.join(' or ')}, found ${one.found}`,
      )
      assert.deepEqual(found, differences)
    })
  }
})

test('checkKnobs tells what is right as well', () => {
  assert.deepEqual(checkKnobs({ cpuShares: cpuShares(512) }, v2, container), [
    {
      controller: 'cpu',
      knob: 'cpuShares',
      file: 'cpu.weight',
      expected: ['20', '59'],
      found: '20',
      ok: true,
    },
  ])
})

const sizes = fc.record(
  {
    cpuRequest: fc.nat(300_000).map(milliCpu),
    cpuLimit: fc.nat(300_000).map(milliCpu),
    memoryLimit: fc.nat().map(bytes),
  },
  { requiredKeys: [] },
)

test('what the kernel makes of the knobs never differs from them', () => {
  const formula = fc.constantFrom('linear', 'quadratic', 'v1')
  fc.assert(
    fc.property(sizes, formula, fc.boolean(), fc.boolean(), (size, how, systemd, rounds) => {
      const knobs = unlimitedWhereUnset(containerKnobs(size))
      const { cpuShares: shares = cpuShares(2), cpuQuota = 'max', memoryLimit = 'max' } = knobs
      const rounded =
        systemd && rounds && cpuQuota !== 'max' ? systemdQuota(cpuQuota, period) : cpuQuota
      const reading: CgroupReading = {
        cpu:
          how === 'v1'
            ? { kind: 'shares', shares }
            : { kind: 'weight', weight: weightFor(shares, how) },
        cpuQuota: rounded,
        cpuPeriod: period,
        memoryLimit: memoryLimit === 'max' ? 'max' : bytes(memoryLimit - (memoryLimit % 4096)),
      }
      const level: CgroupLevel = how === 'quadratic' ? 'container' : 'pod'
      assert.deepEqual(compareKnobs(knobs, reading, { level, systemd }), [])
    }),
  )
})
