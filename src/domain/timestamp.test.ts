import assert from 'node:assert/strict'
import { test } from 'node:test'
import { timestamp } from './timestamp.ts'

test('a timestamp has whole seconds, and a year of four digits whatever the instant', () => {
  assert.equal(timestamp(1_700_000_000_999), '2023-11-14T22:13:20Z')
  assert.equal(timestamp(new Date(0)), '1970-01-01T00:00:00Z')
  for (const late of [253_402_300_800_000, 9e18]) {
    assert.equal(timestamp(late), '9999-12-31T23:59:59Z')
  }
  assert.equal(timestamp(-9e18), '0001-01-01T00:00:00Z')
})
