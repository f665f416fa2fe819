import assert from 'node:assert/strict'
import { test } from 'node:test'
import { useBetween } from './usage.ts'

const at = (at: number, cpuMicros: number) => ({ at, cpuMicros, memory: 7 })

test('useBetween() gives millicores between two samples of one container', () => {
  assert.deepEqual(useBetween(at(1000, 5_000_000), at(1500, 5_250_000)), { cpu: 500, memory: 7 })
  assert.deepEqual(useBetween(undefined, at(1500, 5_250_000)), { memory: 7 })
  // A new container counts from nothing.
  assert.deepEqual(useBetween(at(1000, 5_000_000), at(1500, 10)), { memory: 7 })
})
