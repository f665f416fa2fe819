import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runningPod, settledStatus } from '../../../test/support/fake-pod-api.ts'
import type { ObjectMeta } from '../../domain/pod.ts'
import { checkOomScores } from './check-oom-score.ts'

const size = { requests: { memory: '128Mi' } }
const startedAt = '2026-01-01T10:00:00Z'

function found(oomScore: number | undefined, meta: Partial<ObjectMeta> = {}, capacity = '8Gi') {
  const status = settledStatus(size, 1)
  const containerStatuses = status.containerStatuses?.map((one) => ({
    ...one,
    state: { running: { startedAt } },
  }))
  const base = runningPod(size)
  const pod = {
    ...base,
    metadata: { ...base.metadata, ...meta },
    status: { ...status, ...(containerStatuses && { containerStatuses }) },
  }
  const score = oomScore === undefined ? {} : { oomScore }
  const look = {
    kind: 'seen',
    source: 'a test',
    version: 'v1',
    pageSize: 4096,
    pod: { kind: 'gone' },
    containers: { app: { kind: 'read', path: '/c', reading: {}, ...score } },
  } as const
  const node = { allocatable: {}, ...(capacity && { capacity: { memory: capacity } }) }
  const picture = { name: 'n1', node, kubelet: { why: 'forbidden' }, pods: [] }
  return checkOomScores(pod, look, picture).map(
    ({ code, expected }) => `${code} ${expected?.join()}`,
  )
}

const written = (...times: readonly string[]) => ({
  generation: 2,
  managedFields: [
    ...times.map((time) => ({ manager: 'kubectl', time, subresource: 'resize' })),
    { manager: 'kubelet', time: '2026-02-01T00:00:00Z', subresource: 'status' },
  ],
})

for (const [title, said, expected] of [
  ['the score of the size', found(985), []],
  ['another score', found(500), ['CG107 985']],
  ['a resize since the start', found(500, written('2026-01-01T11:00:00Z')), []],
  ['a resize before the start', found(500, written('2026-01-01T09:00:00Z')), ['CG107 985']],
  ['a resized pod whose history is not known', found(500, { generation: 2 }), []],
  ['a machine of unknown size', found(500, {}, ''), []],
  ['no process that could be looked at', found(undefined), []],
] as const) {
  test(`checkOomScores(): ${title}`, () => assert.deepEqual(said, expected))
}
