import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { FakePodApi, runningPod, settledStatus } from '../../../test/support/fake-pod-api.ts'
import { kubePodClient } from '../../cli/cluster/kube-pod-client.ts'
import { createKubeClient } from '../../kube/client/client.ts'
import type { Begun, JournalEntry } from './journal.ts'
import { runOf } from './run.ts'
import { beginRun, carryOn } from './run-resizes.ts'

const small = { requests: { cpu: '250m' }, limits: { cpu: '500m' } }
const large = { requests: { cpu: '300m' }, limits: { cpu: '600m' } }
const other = { requests: { cpu: '400m' }, limits: { cpu: '500m' } }

const names = ['a', 'b', 'c', 'd']

class Killed extends Error {}

/** Four pods on a willing node, in waves of two, by a process that dies before its n-th entry. */
function scene(overrides: Partial<Begun> = {}, infeasible?: string) {
  const api = new FakePodApi(names.map((name) => runningPod(small, {}, name)))
  api.onPatched = ({ metadata: { name, generation = 1 }, spec }) => {
    const { resources = {} } = spec.containers[0] ?? {}
    const fails = name === infeasible && resources.requests?.['cpu'] === '300m'
    const condition = { type: 'PodResizePending', status: 'True', reason: 'Infeasible' }
    const conditions = fails ? [condition] : []
    api.setStatus({ ...settledStatus(fails ? small : resources, generation), conditions }, name)
  }
  const begun: Begun = {
    entry: 'begun',
    id: 'x',
    at: '',
    server: '',
    connection: {},
    items: names.map((name) => ({
      namespace: 'default',
      name,
      uid: `uid-${name}`,
      container: 'app',
      from: small,
      to: large,
    })),
    wave: 2,
    pauseMs: 0,
    timeoutMs: 5000,
    onFailure: 'rollback',
    ...overrides,
  }
  const entries: JournalEntry[] = []
  async function live(entriesToLive: number) {
    let left = entriesToLive
    const journal = {
      append(entry: JournalEntry) {
        if (left === 0) throw new Killed()
        left -= 1
        entries.push(entry)
      },
    }
    const ports = {
      client: kubePodClient(createKubeClient({ fetch: api.fetch, server: 'http://api' })),
      cgroups: { look: async () => ({ kind: 'unseen', why: 'a test' }) as const },
      clock: {
        now: () => performance.now(),
        sleep: (ms: number, signal: AbortSignal) =>
          setTimeout(ms, undefined, { signal }).catch(() => undefined),
      },
      journal,
      today: () => 'today',
    }
    const { signal } = new AbortController()
    const run = runOf(entries) ?? beginRun(journal, begun)
    return carryOn(ports, run, { signal, onState: () => {}, onEnd: () => {} })
  }
  const sizes = () =>
    names.map((name) => api.podNamed(name).spec.containers[0]?.resources?.requests?.['cpu'])
  return { api, live, entries, sizes }
}

const forever = 1000

test('carryOn() changes wave after wave and writes every step down first', async () => {
  const { live, entries, sizes } = scene()
  const run = await live(forever)
  assert.equal(run.finished?.end, 'done')
  assert.deepEqual(sizes(), ['300m', '300m', '300m', '300m'])
  assert.deepEqual(run, runOf(entries))
  const firstOfSecondWave = entries.findIndex((one) => one.entry === 'sending' && one.item === 2)
  assert.equal(entries.slice(0, firstOfSecondWave).filter((one) => one.entry === 'ended').length, 2)
})

test('carryOn() reaches the same end wherever its process was killed', async () => {
  for (const [infeasible, end, final] of [
    [undefined, 'done', '300m'],
    ['c', 'rolledBack', '250m'],
  ] as const) {
    for (let lives = 1; ; lives += 1) {
      const { live, sizes } = scene({}, infeasible)
      const first = await live(lives).catch((error: unknown) => error)
      if (!(first instanceof Killed)) break
      const run = await live(forever)
      assert.equal(run.finished?.end, end, `killed at entry ${lives}`)
      assert.deepEqual(sizes(), [final, final, final, final], `killed at entry ${lives}`)
      assert.ok(lives < 50)
    }
  }
})

test('carryOn() leaves alone what somebody else has changed, or is another pod', async () => {
  const { api, live, sizes } = scene({ onFailure: 'continue' })
  const [first] = api.podNamed('b').spec.containers
  assert.ok(first)
  api.set({ ...api.podNamed('b'), spec: { containers: [{ ...first, resources: other }] } })
  const c = api.podNamed('c')
  api.set({ ...c, metadata: { ...c.metadata, uid: 'new' } })
  const run = await live(forever)
  assert.deepEqual(
    run.items.map(({ outcome }) => outcome),
    ['unseen', 'changed', 'gone', 'unseen'],
  )
  assert.deepEqual(sizes(), ['300m', '400m', '250m', '300m'])
  assert.equal(run.finished?.end, 'failed')
})
