import assert from 'node:assert/strict'
import { test } from 'node:test'
import { waitUntil } from './wait-until.ts'

test('returns the first value that holds', async () => {
  let value = 0
  const found = await waitUntil(
    'three',
    () => ++value,
    (seen) => seen === 3,
    { everyMs: 1 },
  )
  assert.equal(found, 3)
})

test('an error counts as not yet', async () => {
  let calls = 0
  await waitUntil('no error', () => {
    if (++calls < 3) throw new Error('not yet')
    return true
  })
  assert.equal(calls, 3)
})

test('tells what was waited for and what was seen last', async () => {
  const never = waitUntil(
    'cpu.max to change',
    () => '50000 100000',
    () => false,
    { withinMs: 0 },
  )
  await assert.rejects(never, /^Error: Waited 0 ms for cpu.max to change; last seen: 50000 100000$/)
})

test('tells the last error', async () => {
  const never = waitUntil(
    'the file',
    () => {
      throw new Error('no such file')
    },
    Boolean,
    { withinMs: 0 },
  )
  await assert.rejects(never, /last error: no such file$/)
})

test('an abort ends the wait', async () => {
  const waiting = waitUntil('nothing', () => false, Boolean, { signal: AbortSignal.timeout(30) })
  await assert.rejects(waiting, { name: 'AbortError' })
})
