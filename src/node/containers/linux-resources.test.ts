import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytes, cpuShares, micros } from '../../domain/units.ts'
import { updateResources } from './linux-resources.ts'

test('knobs in the words of CRI: what is left out is left alone, unlimited is -1', () => {
  assert.deepEqual(updateResources({ cpuShares: cpuShares(512), memoryLimit: bytes(4096) }), {
    cpuShares: 512,
    memoryLimitInBytes: 4096,
  })
  const limited = { cpuQuota: micros(20_000), cpuPeriod: micros(50_000) }
  assert.deepEqual(updateResources(limited), { cpuQuota: 20_000, cpuPeriod: 50_000 })
  assert.deepEqual(updateResources({ memoryLimit: 'max' }), { memoryLimitInBytes: -1 })
})

test('a quota that is taken away has a period, without which crun does nothing', () => {
  assert.deepEqual(updateResources({ cpuQuota: 'max' }), { cpuQuota: -1, cpuPeriod: 100_000 })
})
