import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContainerStatus, PodSpec } from '../pod.ts'
import { podPhase } from './pod-phase.ts'
import { podStatus } from './pod-status.ts'

function exited(name: string, exitCode: number): ContainerStatus {
  return {
    name,
    state: { terminated: { exitCode } },
    ready: false,
    restartCount: 0,
    image: 'i',
    imageID: '',
  }
}

const spec: PodSpec = { restartPolicy: 'OnFailure', containers: [{ name: 'a' }] }
const initContainerStatuses: readonly ContainerStatus[] = []

test('a container that is stopped to start again has not ended', () => {
  const containerStatuses = [exited('a', 0)]
  const facts = { spec, containerStatuses, initContainerStatuses }
  assert.equal(podPhase(facts), 'Succeeded')
  assert.equal(podPhase({ ...facts, restarting: new Set(['a']) }), 'Running')
})

test('one that is stopped by force has not failed its pod either', () => {
  const never = { ...spec, restartPolicy: 'Never' }
  const facts = { spec: never, containerStatuses: [exited('a', 137)], initContainerStatuses }
  assert.equal(podPhase(facts), 'Failed')
  assert.equal(podPhase({ ...facts, restarting: new Set(['a']) }), 'Running')
})

test('conditions of others are as the API has them now', () => {
  const gate = (status: string) => [{ type: 'example.com/Gate', status }]
  const { conditions } = podStatus({
    spec,
    previous: { conditions: gate('False') },
    known: gate('True'),
    generation: 1,
    containerStatuses: [],
    initContainerStatuses,
    sandboxReady: true,
    podIPs: [],
    hostIP: '10.0.0.1',
    startTime: 0,
    resizeConditions: [],
    now: 0,
  })
  assert.deepEqual(
    conditions?.filter(({ type }) => type === 'example.com/Gate'),
    gate('True'),
  )
})
