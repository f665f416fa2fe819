import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runningPod } from '../../../test/support/fake-pod-api.ts'
import type { ResourceRequirements } from '../../domain/pod.ts'
import type { KubeletSight } from '../cluster/kubelet-policies.ts'
import { policyRemarks } from './policy-remarks.ts'

const size = (cpu: string, memory: string, limit = memory): ResourceRequirements => ({
  requests: { cpu, memory },
  limits: { cpu, memory: limit },
})

function remarks(from: ResourceRequirements, to: ResourceRequirements, kubelet: KubeletSight) {
  const question = { pod: runningPod(from), wanted: runningPod(to), node: 'n1', kubelet }
  const { warnings, unseen } = policyRemarks({ ...question, version: '1.36' })
  return [...warnings.map(({ code }) => code), ...unseen].join(' ')
}

const hidden = { why: 'forbidden' }
const notKnown = (rest: string) =>
  `the policies of node n1 are not known (forbidden): with ${rest} it never carries out this resize`

for (const [title, found, expected] of [
  [
    'a Guaranteed pod beside a static CPU manager',
    remarks(size('1', '1Gi'), size('2', '1Gi'), { cpuManagerPolicy: 'static' }),
    'PL106',
  ],
  [
    'the same where the kubelet can resize exclusive CPUs',
    remarks(size('1', '1Gi'), size('2', '1Gi'), {
      cpuManagerPolicy: 'static',
      featureGates: { InPlacePodVerticalScalingExclusiveCPUs: true },
    }),
    '',
  ],
  [
    'a Guaranteed pod beside a static memory manager',
    remarks(size('1', '1Gi'), size('1', '2Gi'), { memoryManagerPolicy: 'Static' }),
    'PL106',
  ],
  [
    'a Burstable pod beside static managers',
    remarks(size('1', '1Gi', '2Gi'), size('2', '1Gi', '2Gi'), { cpuManagerPolicy: 'static' }),
    '',
  ],
  [
    'a memory request of a pod that may swap',
    remarks(size('1', '1Gi', '4Gi'), size('1', '2Gi', '4Gi'), { swapBehavior: 'LimitedSwap' }),
    'PL107',
  ],
  [
    'a memory limit of a pod that may swap',
    remarks(size('1', '1Gi', '4Gi'), size('1', '1Gi', '8Gi'), { swapBehavior: 'LimitedSwap' }),
    '',
  ],
  [
    'a kubelet that tells nothing, where it matters',
    remarks(size('1', '1Gi'), size('2', '1Gi'), hidden),
    `${notKnown('cpuManagerPolicy static')} (PL106)`,
  ],
  [
    'a kubelet that tells nothing, where it does not',
    remarks(size('1', '1Gi', '2Gi'), size('2', '1Gi', '2Gi'), hidden),
    '',
  ],
] as const) {
  test(`policyRemarks(): ${title}`, () => assert.equal(found, expected))
}
