import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ResizeTime } from './resize-time.ts'

test('the time of a resize counts no stops, also not those that fail', async () => {
  let now = 1000
  const time = new ResizeTime(() => now)
  now += 5
  await time.without(async () => void (now += 30_000))
  now += 2
  const failed = time.without(async () => {
    now += 200
    throw new Error('the runtime is away')
  })
  await assert.rejects(failed)
  now += 1
  assert.equal(time.ms, 8)
})
