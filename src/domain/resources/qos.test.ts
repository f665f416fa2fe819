import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Container, PodSpec, ResourceList } from '../pod.ts'
import { qosClassOf, type QosClass } from './qos.ts'

function container(requests?: ResourceList, limits?: ResourceList): Container {
  return { name: 'c', resources: { ...(requests && { requests }), ...(limits && { limits }) } }
}

const full = { cpu: '1', memory: '1Gi' }
const guaranteed = container(full, full)
const podLevel = (requests: ResourceList, limits: ResourceList): PodSpec => ({
  containers: [{ name: 'c' }],
  resources: { requests, limits },
})

const cases: readonly (readonly [string, PodSpec, QosClass])[] = [
  ['no resources', { containers: [{ name: 'c' }] }, 'BestEffort'],
  ['zero counts as absent', { containers: [container({ cpu: '0' })] }, 'BestEffort'],
  [
    'only other resources',
    { containers: [container({ 'ephemeral-storage': '1Gi' })] },
    'BestEffort',
  ],
  ['one request', { containers: [container({ cpu: '1m' })] }, 'Burstable'],
  ['one limit', { containers: [container(undefined, { memory: '1Gi' })] }, 'Burstable'],
  ['everything equal', { containers: [guaranteed] }, 'Guaranteed'],
  [
    'equal in other words',
    { containers: [container({ cpu: '1000m', memory: '1024Mi' }, full)] },
    'Guaranteed',
  ],
  ['request below limit', { containers: [container({ ...full, cpu: '500m' }, full)] }, 'Burstable'],
  ['no memory limit', { containers: [container(full, { cpu: '1' })] }, 'Burstable'],
  ['limits that nobody defaulted', { containers: [container(undefined, full)] }, 'Burstable'],
  [
    'one container without limits',
    { containers: [guaranteed, container({ cpu: '1' })] },
    'Burstable',
  ],
  ['one container without anything', { containers: [guaranteed, { name: 'd' }] }, 'Burstable'],
  [
    'an init container counts',
    { initContainers: [container({ cpu: '1' })], containers: [guaranteed] },
    'Burstable',
  ],
  [
    'an init container counts for BestEffort',
    { initContainers: [container({ cpu: '1' })], containers: [{ name: 'c' }] },
    'Burstable',
  ],
  [
    'a sidecar counts',
    {
      initContainers: [{ ...guaranteed, name: 's', restartPolicy: 'Always' }],
      containers: [guaranteed],
    },
    'Guaranteed',
  ],
  [
    'only the sums have to be equal',
    {
      containers: [
        container({ cpu: '1', memory: '1Gi' }, { cpu: '2', memory: '1Gi' }),
        container({ cpu: '2', memory: '1Gi' }, { cpu: '1', memory: '1Gi' }),
      ],
    },
    'Guaranteed',
  ],
  [
    'other resources do not matter',
    { containers: [container({ ...full, 'example.com/a': '1' }, full)] },
    'Guaranteed',
  ],
  ['equal at pod level', podLevel(full, full), 'Guaranteed'],
  ['unequal at pod level', podLevel({ cpu: '1' }, full), 'Burstable'],
  ['half at pod level', podLevel({ cpu: '1' }, { cpu: '1' }), 'Burstable'],
  ['empty pod level', { containers: [guaranteed], resources: {} }, 'BestEffort'],
  [
    'pod level counts alone',
    { containers: [guaranteed], resources: { requests: { cpu: '1' } } },
    'Burstable',
  ],
]

describe('qosClassOf', () => {
  for (const [name, spec, expected] of cases) {
    test(name, () => assert.equal(qosClassOf(spec), expected))
  }
})
