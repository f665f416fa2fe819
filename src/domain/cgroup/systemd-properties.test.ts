import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytes, cpuShares, micros } from '../units.ts'
import { roundedForSystemd, sliceProperties, unifiedProperties } from './systemd-properties.ts'

const knobs = {
  cpuShares: cpuShares(1024),
  cpuPeriod: micros(100_000),
  cpuQuota: micros(12_500),
  memoryLimit: bytes(268_435_456),
}

const texts = (version: 'v1' | 'v2', of: Parameters<typeof sliceProperties>[1]) =>
  sliceProperties(version, of).map(({ name, value }) => `${name}=${value}`)

test('v2: weight, quota in 10 ms a second, memory', () => {
  assert.deepEqual(texts('v2', knobs), [
    'CPUWeight=39',
    'CPUQuotaPeriodUSec=100000',
    'CPUQuotaPerSecUSec=130000',
    'MemoryMax=268435456',
  ])
})

test('v1 has other names', () => {
  assert.deepEqual(texts('v1', knobs), [
    'CPUShares=1024',
    'CPUQuotaPeriodUSec=100000',
    'CPUQuotaPerSecUSec=130000',
    'MemoryLimit=268435456',
  ])
})

test('no limit is the largest number, and what is not given is not told', () => {
  assert.deepEqual(texts('v2', { cpuQuota: 'max', memoryLimit: 'max' }), [
    'CPUQuotaPerSecUSec=18446744073709551615',
    'MemoryMax=18446744073709551615',
  ])
  assert.deepEqual(texts('v2', {}), [])
})

test('the quota of the file agrees with the property', () => {
  assert.equal(roundedForSystemd(knobs).cpuQuota, 13_000)
  assert.equal(roundedForSystemd({ cpuQuota: 'max' }).cpuQuota, 'max')
  for (let quota = 1000; quota < 500_000; quota += 777) {
    const of = { cpuQuota: micros(quota), cpuPeriod: micros(100_000) }
    const { cpuQuota } = roundedForSystemd(of)
    const property = sliceProperties('v2', of).find(({ name }) => name === 'CPUQuotaPerSecUSec')
    assert.equal(Number(property?.value), Number(cpuQuota) * 10)
  }
})

test('files that systemd knows by another name', () => {
  assert.deepEqual(
    unifiedProperties({ 'memory.low': '4096', 'memory.high': 'max', 'memory.oom.group': '1' }),
    [
      { name: 'MemoryLow', type: 't', value: '4096' },
      { name: 'MemoryHigh', type: 't', value: '18446744073709551615' },
    ],
  )
})
