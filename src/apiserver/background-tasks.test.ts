import assert from 'node:assert/strict'
import { test } from 'node:test'
import { waitUntil } from '../../test/support/wait-until.ts'
import { BackgroundTasks } from './background-tasks.ts'

test('a task that fails is done again until it succeeds, once for all that ask meanwhile', async () => {
  using tasks = new BackgroundTasks(1)
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
  const tasks = new BackgroundTasks(0)
  tasks.run('one', () => {
    tries += 1
    return promise
  })
  tasks[Symbol.dispose]()
  reject(new Error('the store is closed'))
  await new Promise((resolve) => setTimeout(resolve, 5))
  assert.equal(tries, 1)
})
