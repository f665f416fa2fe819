import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { bytes, cpuShares, micros } from '../units.ts'
import { knobFiles } from './files.ts'
import type { CgroupKnobs } from './knobs.ts'

const all: CgroupKnobs = {
  cpuShares: cpuShares(1024),
  cpuQuota: micros(50_000),
  cpuPeriod: micros(100_000),
  memoryLimit: bytes(134_217_728),
}
const none: CgroupKnobs = { ...all, cpuQuota: 'max', memoryLimit: 'max' }

function lines(...asked: Parameters<typeof knobFiles>): readonly string[] {
  return knobFiles(...asked).map(({ controller, file, value }) => `${controller}/${file}=${value}`)
}

describe('knobFiles', () => {
  test('v1', () => {
    assert.deepEqual(lines('v1', all, 'linear'), [
      'cpu/cpu.shares=1024',
      'cpu/cpu.cfs_period_us=100000',
      'cpu/cpu.cfs_quota_us=50000',
      'memory/memory.limit_in_bytes=134217728',
    ])
  })
  test('v1 without limits', () => {
    assert.deepEqual(lines('v1', none, 'linear').slice(2), [
      'cpu/cpu.cfs_quota_us=-1',
      'memory/memory.limit_in_bytes=-1',
    ])
  })
  test('v2', () => {
    assert.deepEqual(lines('v2', all, 'linear'), [
      'cpu/cpu.weight=39',
      'cpu/cpu.max=50000 100000',
      'memory/memory.max=134217728',
    ])
  })
  test('v2 without limits, by the quadratic formula', () => {
    assert.deepEqual(lines('v2', none, 'quadratic'), [
      'cpu/cpu.weight=100',
      'cpu/cpu.max=max 100000',
      'memory/memory.max=max',
    ])
  })
  test('v2 with a quota alone keeps the period', () => {
    assert.deepEqual(lines('v2', { cpuQuota: micros(5000) }, 'linear'), ['cpu/cpu.max=5000'])
  })
  test('v2 with a period alone has nothing to write', () => {
    assert.deepEqual(lines('v2', { cpuPeriod: micros(5000) }, 'linear'), [])
  })
  test('nothing asked, nothing written', () => {
    assert.deepEqual([lines('v1', {}, 'linear'), lines('v2', {}, 'linear')], [[], []])
  })
})
