import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inParallel } from './in-parallel.ts'

test('inParallel() keeps the order of results and the limit', async () => {
  let running = 0
  let most = 0
  const results = await inParallel([5, 1, 3, 2, 4], 2, async (item, index) => {
    running += 1
    most = Math.max(most, running)
    await new Promise((resolve) => setTimeout(resolve, item))
    running -= 1
    return item * 10 + index
  })
  assert.deepEqual(results, [50, 11, 32, 23, 44])
  assert.equal(most, 2)
  assert.deepEqual(await inParallel([], 2, () => Promise.resolve(1)), [])
})

test('inParallel() begins nothing new after a failure', async () => {
  const begun: number[] = []
  const all = inParallel([1, 2, 3, 4], 2, async (item) => {
    begun.push(item)
    await Promise.resolve()
    if (item === 1) throw new Error('no')
  })
  await assert.rejects(all, /^Error: no$/)
  assert.ok(!begun.includes(4))
})

test('inParallel() throws the first failure in the order of the items, whichever is first', async () => {
  const [one, two, later] = [1, 2, 3].map(() => Promise.withResolvers<void>())
  const all = inParallel([one, two, later], 3, (item) => item?.promise ?? Promise.resolve())
  two?.reject(new Error('two'))
  later?.reject(new Error('later'))
  await two?.promise.catch(() => undefined)
  one?.reject(new Error('one'))
  await assert.rejects(all, /^Error: one$/)
})

test('inParallel() waits after a failure for nothing that comes later', async () => {
  const never = new Promise<void>(() => undefined)
  const all = inParallel([1, 2, 3], 3, async (item) => {
    if (item === 2) throw new Error('two')
    return item === 3 ? never : undefined
  })
  await assert.rejects(all, /^Error: two$/)
})
