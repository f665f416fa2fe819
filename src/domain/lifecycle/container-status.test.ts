import assert from 'node:assert/strict'
import { test } from 'node:test'
import { containerStatus } from './container-status.ts'
import type { ObservedContainer } from './observed.ts'

const exited: ObservedContainer = {
  id: 'one',
  name: 'app',
  attempt: 0,
  state: 'exited',
  createdAt: 1000,
  startedAt: 2000,
  finishedAt: 3000,
  exitCode: 1,
  image: 'busybox',
  imageId: 'sha256:1',
}
const { finishedAt: _at, exitCode: _code, ...before } = exited
const running: ObservedContainer = {
  ...before,
  id: 'two',
  attempt: 1,
  state: 'running',
  createdAt: 4000,
  startedAt: 5000,
}

test('ids of containers carry the name of the runtime that has them', () => {
  const status = containerStatus(
    { name: 'app' },
    {
      observed: { sandboxes: [], containers: [running, exited] },
      pod: 'web_default(u1)',
      runtimeName: 'cri-o',
      waitingReason: 'ContainerCreating',
    },
  )
  assert.equal(status.containerID, 'cri-o://two')
  assert.deepEqual(status.lastState?.terminated, {
    exitCode: 1,
    reason: 'Error',
    startedAt: '1970-01-01T00:00:02Z',
    finishedAt: '1970-01-01T00:00:03Z',
    containerID: 'cri-o://one',
  })
})
