import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, it, mock } from 'node:test'
import type { Pod, Toleration } from '../domain/pod.ts'
import type { NodeRoom, Taint } from './node-room.ts'
import { TaintEviction } from './taint-eviction.ts'

const gone: Taint = { key: 'gone', effect: 'NoExecute' }

function pod(name: string, ...tolerations: readonly Toleration[]): Pod {
  const metadata = { name, namespace: 'default', uid: name }
  return { metadata, spec: { nodeName: 'n1', containers: [{ name: 'c' }], tolerations } }
}

/** One node, some pods, and what became of them. */
function world(pods: Pod[]) {
  const node = { name: 'n1', allocatable: {}, labels: {}, unschedulable: false }
  const state = { pods, taints: [] as readonly Taint[], said: [] as string[] }
  const ending = new AbortController()
  const eviction = new TaintEviction({
    nodes: (): readonly NodeRoom[] => [{ ...node, taints: state.taints }],
    pods: () => state.pods,
    evict: async ({ metadata }) => void state.said.push(`evict ${metadata.name}`),
    event: (_, message) => void state.said.push(message),
    onError: (_, error) => assert.fail(error as Error),
    signal: ending.signal,
  })
  const look = async (taints: readonly Taint[]) => {
    state.taints = taints
    eviction.changed()
    await turn()
    await turn()
  }
  return { state, look, ending }
}

describe('a NoExecute taint', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'] }))
  afterEach(() => mock.timers.reset())

  it('sends away who does not tolerate it, once', async () => {
    const { state, look } = world([pod('a'), pod('b', { operator: 'Exists' })])
    await look([{ key: 'other', effect: 'NoSchedule' }])
    assert.deepEqual(state.said, [])
    await look([gone])
    await look([gone])
    assert.deepEqual(state.said, ['Marking for deletion Pod default/a', 'evict a'])
  })

  it('lets stay for the seconds that are tolerated, the fewest of all taints', async () => {
    const seconds = (key: string, tolerationSeconds: number) =>
      ({ key, operator: 'Exists', tolerationSeconds }) as const
    const { state, look } = world([pod('a', seconds('gone', 300), seconds('worse', 10))])
    await look([gone, { key: 'worse', effect: 'NoExecute' }])
    mock.timers.tick(9999)
    assert.deepEqual(state.said, [])
    mock.timers.tick(1)
    assert.deepEqual(state.said, ['Marking for deletion Pod default/a', 'evict a'])
  })

  it('that goes away in time did nothing', async () => {
    const { state, look } = world([pod('a', { operator: 'Exists', tolerationSeconds: 10 })])
    await look([gone])
    mock.timers.tick(5000)
    await look([])
    mock.timers.tick(60_000)
    assert.deepEqual(state.said, ['Cancelling deletion of Pod default/a'])
  })

  it('is tolerated for longer than a timer can be', async () => {
    const days = 30 * 24 * 3600
    const { state, look } = world([pod('a', { operator: 'Exists', tolerationSeconds: days })])
    await look([gone])
    mock.timers.tick(2 ** 31 - 1)
    assert.deepEqual(state.said, [])
    mock.timers.tick(days * 1000 - 2 ** 31 + 1)
    assert.deepEqual(state.said, ['Marking for deletion Pod default/a', 'evict a'])
  })

  it('means nothing to pods that leave already, and waits no more when it is over', async () => {
    const toleration = { operator: 'Exists', tolerationSeconds: 10 }
    const leaving = pod('a')
    const metadata = { ...leaving.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' }
    const { state, look, ending } = world([{ ...leaving, metadata }, pod('b', toleration)])
    await look([gone])
    ending.abort()
    mock.timers.tick(60_000)
    assert.deepEqual(state.said, [])
  })
})
