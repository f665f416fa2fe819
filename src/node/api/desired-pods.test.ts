import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '../../domain/pod.ts'
import { allocationOf } from '../../domain/resources/pod-resources.ts'
import { DesiredPods } from './desired-pods.ts'

/** As a watch brings it: a new object each time. */
function podWith(generation: number | undefined, cpu: string, phase = 'Running'): Pod {
  const count = generation === undefined ? {} : { generation }
  return {
    metadata: { name: 'web', namespace: 'a', uid: 'u', ...count },
    spec: { containers: [{ name: 'app', resources: { requests: { cpu } } }] },
    status: { phase },
  }
}

test('a pod whose spec was not changed keeps its spec, with the new status beside it', () => {
  const pods = new DesiredPods()
  const first = pods.set(podWith(1, '100m', 'Pending'))
  const second = pods.set(podWith(1, '100m'))
  assert.equal(second.spec, first.spec)
  assert.equal(second.status?.phase, 'Running')
  assert.equal(pods.get('u'), second)
})

test('another generation, or none that is counted, brings its own spec', () => {
  const pods = new DesiredPods()
  pods.set(podWith(1, '100m'))
  assert.equal(
    pods.set(podWith(2, '200m')).spec.containers[0]?.resources?.requests?.['cpu'],
    '200m',
  )
  pods.set(podWith(undefined, '100m'))
  assert.equal(
    pods.set(podWith(undefined, '300m')).spec.containers[0]?.resources?.requests?.['cpu'],
    '300m',
  )
})

test('the allocated copy is made anew for a new status, and its spec for new sizes only', () => {
  const pods = new DesiredPods()
  const allocation = allocationOf(podWith(1, '50m').spec)
  const pod = pods.set(podWith(1, '100m'))
  const copy = pods.allocatedCopy(pod, allocation)
  assert.equal(copy.spec.containers[0]?.resources?.requests?.['cpu'], '50m')
  assert.equal(pods.allocatedCopy(pod, allocation), copy)
  pods.setStatus('u', { phase: 'Failed' })
  const reported = pods.allocatedCopy(pod, allocation)
  assert.equal(reported.status?.phase, 'Failed')
  assert.equal(reported.spec, copy.spec)
  const more = pods.allocatedCopy(pod, allocationOf(podWith(1, '60m').spec))
  assert.equal(more.spec.containers[0]?.resources?.requests?.['cpu'], '60m')
})
