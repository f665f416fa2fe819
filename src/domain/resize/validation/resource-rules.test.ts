import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cpuMsOf } from '../../../../test/support/cpu-time.ts'
import { validateResourceValues } from './resource-rules.ts'

test('many requests and limits are held against each other in little time', () => {
  const list = Object.fromEntries(Array.from({ length: 60_000 }, (_, at) => [`a.b/r${at}`, '1']))
  const resources = { requests: list, limits: list }
  const ms = cpuMsOf(() => {
    assert.deepEqual(
      validateResourceValues(resources, 'r', () => []),
      [],
    )
  })
  assert.ok(ms < 5000, `${ms} ms`)
})
