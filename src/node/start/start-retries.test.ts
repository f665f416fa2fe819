import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StartError } from './start-error.ts'
import { StartRetries } from './start-retries.ts'

test('the next run is due for the first of those that are to start, and for no other', () => {
  const retries = new StartRetries()
  const busy = new StartError('RunContainerError', new Error('device or resource busy'))
  const now = 1_000_000
  retries.failed('pod', 'a', busy, now)
  retries.failed('pod', 'b', busy, now)
  retries.failed('pod', 'b', busy, now)
  const { until = 0 } = retries.waiting('pod', 'b', now) ?? {}
  assert.ok(until > now)
  assert.equal(retries.nextMs('pod', ['b'], now), until - now)
  assert.ok((retries.nextMs('pod', ['a', 'b'], now) ?? Infinity) <= until - now)
  // It waits for something else, however long ago its wait was over.
  assert.equal(retries.nextMs('pod', ['c'], until + 1), undefined)
  assert.equal(retries.nextMs('pod', ['b'], until + 1), 0)
  retries.reset('pod', 'b')
  assert.equal(retries.nextMs('pod', ['b'], now), undefined)
})
