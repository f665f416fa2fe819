import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { RuntimeTurns } from './runtime-turns.ts'

/** Tasks that end when they are told to. */
function tasks(turns: RuntimeTurns, count: number) {
  const ends = Array.from({ length: count }, () => Promise.withResolvers<void>())
  const begun: number[] = []
  const all = ends.map(({ promise }, index) =>
    turns.run(async () => {
      begun.push(index)
      await promise
    }),
  )
  return { begun, all, end: (index: number) => ends[index]?.resolve() }
}

test('no more than so many at once, the others in order', async () => {
  const { begun, all, end } = tasks(new RuntimeTurns(2), 4)
  await turn()
  assert.deepEqual(begun, [0, 1])
  end(1)
  await turn()
  assert.deepEqual(begun, [0, 1, 2])
  for (const index of [0, 2, 3]) end(index)
  await Promise.all(all)
  assert.deepEqual(begun, [0, 1, 2, 3])
})

test('one that fails gives its turn to the next', async () => {
  const turns = new RuntimeTurns(1)
  await assert.rejects(
    turns.run(() => Promise.reject(new Error('no'))),
    /no/,
  )
  assert.equal(await turns.run(() => Promise.resolve('yes')), 'yes')
})

test('one that hangs gives its turn on, and only once', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { begun, all, end } = tasks(new RuntimeTurns(1), 3)
  t.mock.timers.tick(10_000)
  await turn()
  assert.deepEqual(begun, [0, 1])
  end(0)
  await turn()
  assert.deepEqual(begun, [0, 1])
  for (const index of [1, 2]) end(index)
  await Promise.all(all)
  assert.deepEqual(begun, [0, 1, 2])
})

test('only the first while files are written, and all when that has ended', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const turns = new RuntimeTurns(3, () => 0)
  turns.hold()
  const { begun, all, end } = tasks(turns, 4)
  await turn()
  assert.deepEqual(begun, [0])
  t.mock.timers.tick(24)
  turns.hold()
  t.mock.timers.tick(24)
  await turn()
  assert.deepEqual(begun, [0])
  end(0)
  await turn()
  assert.deepEqual(begun, [0])
  t.mock.timers.tick(1)
  await turn()
  assert.deepEqual(begun, [0, 1, 2, 3])
  for (const index of [1, 2, 3]) end(index)
  await Promise.all(all)
})

test('writing that does not end leaves half of the time', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let passed = 0
  const turns = new RuntimeTurns(3, () => passed)
  turns.hold()
  const { begun, all, end } = tasks(turns, 2)
  const writeUntil = async (until: number) => {
    for (; passed < until; passed += 5) {
      turns.hold()
      t.mock.timers.tick(5)
    }
    await turn()
  }
  await writeUntil(495)
  assert.deepEqual(begun, [0])
  await writeUntil(505)
  assert.deepEqual(begun, [0, 1])
  for (const index of [0, 1]) end(index)
  await Promise.all(all)
  await writeUntil(990)
  assert.equal(turns.isFull, false)
  await writeUntil(1010)
  const later = tasks(turns, 2)
  await turn()
  assert.deepEqual(later.begun, [0])
  await writeUntil(1510)
  assert.deepEqual(later.begun, [0, 1])
  for (const index of [0, 1]) later.end(index)
  await Promise.all(later.all)
})
