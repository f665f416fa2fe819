import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PodWorkers, type PodWorkersOptions } from './pod-workers.ts'
import { SyncFailure } from './sync-failure.ts'

const nothingDue = (): undefined => undefined

/** Workers whose runs fail with `failures`, one after the other; where there is none, they succeed. */
function failing(
  failures: readonly (SyncFailure | undefined)[],
  dueMs: PodWorkersOptions['dueMs'] = nothingDue,
): {
  readonly workers: PodWorkers
  readonly runs: () => number
  readonly told: readonly string[]
} {
  let runs = 0
  const told: string[] = []
  const workers = new PodWorkers({
    sync: async () => {
      const failure = failures[runs]
      runs += 1
      if (failure !== undefined) throw failure
      return {}
    },
    dueMs,
    onError: (_, error) => void told.push((error as Error).message),
  })
  return { workers, runs: () => runs, told }
}

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

test('what is due by the clock does not wait until a failed run is tried again', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { workers, runs } = failing([new SyncFailure('never', 'permanent')], () => 2000)
  using _workers = workers
  workers.wake('pod')
  await turn()
  t.mock.timers.tick(1999)
  await turn()
  assert.equal(runs(), 1)
  t.mock.timers.tick(1)
  await turn()
  assert.equal(runs(), 2)
})

test('what fails again and again is told once, whatever its figures, and again after it succeeded', async () => {
  const full = (bytes: number): SyncFailure => new SyncFailure(`${bytes} in use`, 'conditional')
  const gone = new SyncFailure('no such container', 'transient')
  const failures = [full(5), full(6), gone, full(7), undefined, full(8)]
  const { workers, told } = failing(failures)
  using _workers = workers
  for (const _ of failures) {
    workers.wake('pod')
    await turn()
  }
  assert.deepEqual(told, ['5 in use', 'no such container', '7 in use', '8 in use'])
})

test('what was due already when it failed has no run follow the other without a pause', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { workers, runs } = failing([new SyncFailure('never', 'permanent')], () => 0)
  using _workers = workers
  workers.wake('pod')
  await turn()
  t.mock.timers.tick(14_999)
  await turn()
  assert.equal(runs(), 1)
})

test('what fails otherwise than before is tried again as soon as what fails for the first time', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const permanent = new SyncFailure('never', 'permanent')
  const conditional = new SyncFailure('not now', 'conditional')
  const { workers, runs } = failing([permanent, permanent, conditional])
  using _workers = workers
  for (const tries of [1, 2, 3]) {
    workers.wake('pod')
    await turn()
    assert.equal(runs(), tries)
  }
  t.mock.timers.tick(150)
  await turn()
  assert.equal(runs(), 4)
})

test('what is due later than a timer can be does not come at once', async () => {
  let runs = 0
  using workers = new PodWorkers({
    sync: async () => {
      runs += 1
      return { afterMs: 30 * 24 * 3_600_000 }
    },
    dueMs: nothingDue,
    onError: assert.fail,
  })
  workers.wake('pod')
  await new Promise((resolve) => setTimeout(resolve, 50))
  assert.equal(runs, 1)
})
