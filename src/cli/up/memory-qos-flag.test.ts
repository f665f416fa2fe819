import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryReservationOf } from './memory-qos-flag.ts'

test('the policy follows flag and version', () => {
  assert.equal(memoryReservationOf(undefined, '1.36'), undefined)
  assert.equal(memoryReservationOf(true, '1.36'), 'TieredReservation')
  assert.equal(memoryReservationOf('None', '1.36'), 'None')
  assert.equal(memoryReservationOf(true, '1.35'), 'Hard')
  assert.throws(() => memoryReservationOf('None', '1.35'), /leave the policy out/)
})
