import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allInOrder } from './all-in-order.ts'

test('allInOrder() throws the first failure in order, whichever came first', async () => {
  const first = Promise.withResolvers<number>()
  const second = Promise.withResolvers<string>()
  const all = allInOrder([Promise.resolve(true), first.promise, second.promise])
  second.reject(new Error('second'))
  await assert.rejects(second.promise)
  first.reject(new Error('first'))
  await assert.rejects(all, /^Error: first$/)
})

test('allInOrder() waits after a failure for nothing that comes later', async () => {
  const never = new Promise<void>(() => undefined)
  const failed = Promise.reject<number>(new Error('failed'))
  await assert.rejects(allInOrder([1, failed, never]), /^Error: failed$/)
})

test('allInOrder() gives all results in order', async () => {
  assert.deepEqual(await allInOrder([Promise.resolve(1), 'two']), [1, 'two'])
})
