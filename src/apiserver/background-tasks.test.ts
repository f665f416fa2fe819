import assert from 'node:assert/strict'
import { test } from 'node:test'
import { waitUntil } from '../../test/support/wait-until.ts'
import { BackgroundTasks } from './background-tasks.ts'

test('a task that fails is done again until it succeeds, once for all that ask meanwhile', async () => {
  using tasks = new BackgroundTasks(() => {}, 1)
  let left = 3
  let tries = 0
  const task = async (): Promise<void> => {
    tries += 1
    left -= 1
    if (left > 0) throw new Error('database or disk is full')
  }
  tasks.run('namespace team', task)
  tasks.run('namespace team', task)
  await waitUntil(
    'the task to succeed',
    () => left,
    (tasksLeft) => tasksLeft === 0,
  )
  assert.equal(tries, 3)
})

test('nothing is done again once it is over', async () => {
  const { promise, reject } = Promise.withResolvers<void>()
  let tries = 0
  const told: unknown[] = []
  const tasks = new BackgroundTasks((_, error) => told.push(error), 0)
  tasks.run('one', () => {
    tries += 1
    return promise
  })
  tasks[Symbol.dispose]()
  reject(new Error('the store is closed'))
  await new Promise((resolve) => setTimeout(resolve, 5))
  assert.equal(tries, 1)
  assert.deepEqual(told, [], 'a store that is closed is no failure')
})

test('a cause is told once, until all tasks have succeeded', async () => {
  const told: string[] = []
  using tasks = new BackgroundTasks(
    (message, error) => told.push(`${message}: ${String(error)}`),
    1,
  )
  const full = new Error('database or disk is full')
  let cause: Error | undefined = full
  const succeeded = new Set<string>()
  let tries = 0
  const run = (key: string): void =>
    tasks.run(key, async () => {
      tries += 1
      if (cause !== undefined) throw cause
      succeeded.add(key)
    })
  const someTries = async (): Promise<unknown> => {
    const wanted = tries + 10
    return waitUntil(
      'some tries',
      () => tries,
      (now) => now >= wanted,
    )
  }
  run('namespace a')
  run('namespace b')
  await someTries()
  const again = (key: string) => `Cannot keep ${key} up to date; it is tried again and again`
  assert.deepEqual(told, [`${again('namespace a')}: ${full}`])
  cause = new Error('disk I/O error')
  await someTries()
  assert.equal(told.length, 2)
  assert.match(told[1] ?? '', /: Error: disk I\/O error$/)
  cause = undefined
  await waitUntil(
    'both to succeed',
    () => succeeded.size,
    (count) => count === 2,
  )
  cause = full
  run('namespace a')
  await waitUntil(
    'it to be told again',
    () => told.length,
    (count) => count === 3,
  )
})
