import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasCapability } from './capability.ts'

test('bit 24 of CapEff is CAP_SYS_RESOURCE', () => {
  assert.equal(hasCapability('CAP_SYS_RESOURCE', 'CapEff:\t000001ffffffffff\n'), true)
  assert.equal(hasCapability('CAP_SYS_RESOURCE', 'CapPrm:\tff\nCapEff:\t000001fffeffffff\n'), false)
  assert.equal(hasCapability('CAP_SYS_RESOURCE', 'Name:\tnode\n'), false)
})
