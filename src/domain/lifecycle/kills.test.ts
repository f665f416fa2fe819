import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Container, PodSpec } from '../pod.ts'
import { containersToKill } from './kills.ts'
import type { ObservedContainer } from './observed.ts'

function kills(
  part: Partial<PodSpec>,
  failed: 'startup' | 'liveness' | undefined,
  { container = {}, running = {} }: { container?: Partial<Container>; running?: object } = {},
) {
  const whole = { name: 'c', image: 'i', livenessProbe: {}, startupProbe: {}, ...container }
  const observed: ObservedContainer = {
    id: 'x',
    name: 'c',
    attempt: 0,
    state: 'running',
    createdAt: 0,
    image: 'docker.io/library/i:latest',
    imageId: '',
    requestedImage: 'i',
    ...running,
  }
  const health = new Map([['x', { started: true, ready: true, failed }]])
  const pod = { sandboxes: [], containers: [observed] }
  return containersToKill({ containers: [whole], ...part }, pod, health).map(
    ({ message, graceSeconds, restarts }) => ({ message, graceSeconds, restarts }),
  )
}

test('a healthy container goes on', () => {
  assert.deepEqual(kills({}, undefined), [])
})

test('one that has ended is not killed again', () => {
  assert.deepEqual(kills({}, 'liveness', { running: { state: 'exited' } }), [])
})

test('a failed probe kills with the grace of the pod or of its own', () => {
  const message = 'Container c failed liveness probe, will be restarted'
  assert.deepEqual(kills({}, 'liveness'), [{ message, graceSeconds: 30, restarts: false }])
  const container = { livenessProbe: { terminationGracePeriodSeconds: 3 } }
  assert.equal(kills({}, 'liveness', { container })[0]?.graceSeconds, 3)
})

test('with OnFailure it restarts even if it ends well; with Never it stays away', () => {
  assert.equal(kills({ restartPolicy: 'OnFailure' }, 'startup')[0]?.restarts, true)
  assert.deepEqual(kills({ restartPolicy: 'Never' }, 'startup'), [
    { message: 'Container c failed startup probe', graceSeconds: 30, restarts: false },
  ])
})

test('another image restarts it whatever the policy', () => {
  const running = { requestedImage: 'older' }
  assert.deepEqual(kills({ restartPolicy: 'Never' }, undefined, { running }), [
    {
      message: 'Container c definition changed, will be restarted',
      graceSeconds: 30,
      restarts: true,
    },
  ])
  assert.deepEqual(kills({}, undefined, { running: { requestedImage: undefined } }), [])
})
