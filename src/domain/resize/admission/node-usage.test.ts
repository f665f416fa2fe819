import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ContainerStatus, Pod, PodSpec, PodStatus, ResourceList } from '../../pod.ts'
import { nodeUsage } from './node-usage.ts'

function statusOf(
  name: string,
  actual?: ResourceList,
  allocatedResources?: ResourceList,
): ContainerStatus {
  return {
    name,
    ready: true,
    restartCount: 0,
    image: '',
    imageID: '',
    ...(actual ? { resources: { requests: actual } } : {}),
    ...(allocatedResources ? { allocatedResources } : {}),
  }
}

const container = (name: string, cpu: string) => ({ name, resources: { requests: { cpu } } })

function used(spec: PodSpec, status: PodStatus = {}): number | undefined {
  const pod: Pod = { metadata: { name: 'web' }, spec, status }
  return nodeUsage([pod])['cpu']
}

const infeasible = { type: 'PodResizePending', status: 'True', reason: 'Infeasible' }
const deferred = { type: 'PodResizePending', status: 'True', reason: 'Deferred' }
const one = { containers: [container('a', '2')] }

describe('what a pod takes of its node (7.1)', () => {
  const cases: readonly (readonly [string, PodSpec, PodStatus, number])[] = [
    ['the spec', one, {}, 2000],
    [
      'what it really has, while it shrinks',
      one,
      { containerStatuses: [statusOf('a', { cpu: '3' })] },
      3000,
    ],
    [
      'what it was given, while it grows',
      one,
      { containerStatuses: [statusOf('a', { cpu: '1' }, { cpu: '4' })] },
      4000,
    ],
    [
      'a status without resources does not count',
      one,
      { containerStatuses: [statusOf('a', undefined, { cpu: '4' })] },
      2000,
    ],
    [
      'a deferred resize counts with what it wants',
      one,
      { containerStatuses: [statusOf('a', { cpu: '1' }, { cpu: '1' })], conditions: [deferred] },
      2000,
    ],
    [
      'an infeasible one does not',
      one,
      {
        containerStatuses: [statusOf('a', { cpu: '1' }, { cpu: '1500m' })],
        conditions: [infeasible, deferred],
      },
      1500,
    ],
    [
      'sidecars count with their status',
      { ...one, initContainers: [{ ...container('s', '1'), restartPolicy: 'Always' }] },
      { initContainerStatuses: [statusOf('s', { cpu: '2' })] },
      4000,
    ],
    [
      'plain init containers count by their spec',
      { ...one, initContainers: [container('i', '3')] },
      { initContainerStatuses: [statusOf('i', { cpu: '9' })] },
      3000,
    ],
    [
      'pod-level request and overhead',
      { ...one, resources: { requests: { cpu: '5' } }, overhead: { cpu: '250m' } },
      {},
      5250,
    ],
    [
      'pod-level status',
      { ...one, resources: { requests: { cpu: '5' } } },
      { resources: { requests: { cpu: '6', memory: '1Gi' } } },
      6000,
    ],
    ['a failed pod takes nothing', one, { phase: 'Failed' }, 0],
  ]
  for (const [name, spec, status, expected] of cases) {
    test(name, () => assert.equal(used(spec, status) ?? 0, expected))
  }
})

test('pods add up in millicores and bytes', () => {
  const pods = ['0.5', '250m'].map((cpu, index) => ({
    metadata: { name: `p${index}` },
    spec: { containers: [{ name: 'a', resources: { requests: { cpu, memory: '1Mi' } } }] },
  }))
  assert.deepEqual(nodeUsage(pods), { pods: 2, cpu: 750, memory: 2 * 1024 * 1024 })
})
