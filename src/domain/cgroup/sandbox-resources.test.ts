import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytes, cpuShares, cpuWeight, micros } from '../units.ts'
import { sandboxResources } from './sandbox-resources.ts'

const reading = {
  cpu: { kind: 'weight', weight: cpuWeight(39) },
  cpuQuota: 'max',
  cpuPeriod: micros(100_000),
  memoryLimit: bytes(64 * 2 ** 20),
} as const

test('what is not written stays as it is', () => {
  assert.deepEqual(sandboxResources(reading, { cpuQuota: micros(50_000) }, undefined), {
    resources: {
      cpuShares: 998,
      cpuQuota: 50_000,
      cpuPeriod: 100_000,
      memoryLimit: 64 * 2 ** 20,
    },
  })
})

test("the overhead is told apart, and is not the containers'", () => {
  const knobs = { cpuShares: cpuShares(1024), memoryLimit: bytes(128 * 2 ** 20) }
  const { resources, overhead } = sandboxResources(reading, knobs, { cpu: '250m', memory: '32Mi' })
  assert.deepEqual(
    [resources.cpuShares, resources.cpuQuota, resources.memoryLimit],
    [768, 'max', 96 * 2 ** 20],
  )
  assert.deepEqual([overhead?.cpuShares, overhead?.memoryLimit], [256, 32 * 2 ** 20])
})

test('containers that ask for no CPU have the least shares, also beside an overhead', () => {
  const { resources } = sandboxResources(reading, { cpuShares: cpuShares(102) }, { cpu: '100m' })
  assert.equal(resources.cpuShares, 2)
})
