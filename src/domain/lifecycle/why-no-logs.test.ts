import assert from 'node:assert/strict'
import { test } from 'node:test'
import { whyNoLogs } from './why-no-logs.ts'

const cases = [
  ['ErrImagePull', "image can't be pulled"],
  ['ImagePullBackOff', 'trying and failing to pull image'],
  ['CreateContainerConfigError', 'CreateContainerConfigError'],
] as const

for (const [reason, told] of cases) {
  test(`a container without logs because of ${reason}: ${told}`, () => {
    const unrun = { ready: false, restartCount: 0, image: 'busybox', imageID: '' }
    const statuses = [
      { ...unrun, name: 'other', state: {} },
      { ...unrun, name: 'app', state: { waiting: { reason } } },
    ]
    assert.equal(whyNoLogs({ containerStatuses: statuses }, 'app'), told)
    assert.equal(whyNoLogs({ initContainerStatuses: statuses }, 'app'), told)
  })
}

test('a container that nobody has told of is being created', () => {
  assert.equal(whyNoLogs(undefined, 'app'), 'ContainerCreating')
})
