import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runningPod } from '../../../test/support/fake-pod-api.ts'
import type { ResourceList } from '../../domain/pod.ts'
import { resourcesOf, sizeOf } from '../../domain/resources/size.ts'
import { nearestKeepingQos } from './nearest-size.ts'

const lists = (requests: ResourceList, limits: ResourceList = {}) => ({ requests, limits })
const cpuAndMemory = (cpu: string, memory: string) => ({ cpu, memory })

function nearest(from: ReturnType<typeof lists>, to: ReturnType<typeof lists>) {
  const change = { before: sizeOf(from), after: sizeOf(to) }
  const size = nearestKeepingQos(runningPod(from), 'app', change)
  return size && resourcesOf(size)
}

const whole = cpuAndMemory('1', '1Gi')
const burstable = lists(cpuAndMemory('500m', '1Gi'), whole)

for (const [title, found, expected] of [
  [
    'a class that is kept',
    nearest(burstable, lists(cpuAndMemory('600m', '1Gi'), whole)),
    undefined,
  ],
  [
    'a Guaranteed pod: limits as requests',
    nearest(lists(whole, whole), lists(cpuAndMemory('500m', '1Gi'), whole)),
    lists(cpuAndMemory('500m', '1Gi'), cpuAndMemory('500m', '1Gi')),
  ],
  [
    'a Guaranteed pod whose CPU would be 0: as it is',
    nearest(lists(whole, whole), lists(cpuAndMemory('0', '1Gi'), cpuAndMemory('0', '1Gi'))),
    lists(whole, whole),
  ],
  [
    'a Burstable pod that would be Guaranteed: a CPU request below the limit',
    nearest(burstable, lists(whole, whole)),
    lists(cpuAndMemory('999m', '1Gi'), whole),
  ],
  [
    'the same by its memory: a memory request below the limit',
    nearest(lists(cpuAndMemory('1', '512Mi'), whole), lists(whole, whole)),
    lists(cpuAndMemory('1', '1048575Ki'), whole),
  ],
  [
    'a Burstable pod that would be BestEffort: the least request',
    nearest(lists({ cpu: '100m' }), lists({ cpu: '0' })),
    { requests: { cpu: '1m' } },
  ],
  ['a BestEffort pod: no size at all', nearest(lists({}), lists({ cpu: '1' })), {}],
] as const) {
  test(`nearestKeepingQos(): ${title}`, () => {
    const size = expected && resourcesOf(sizeOf(expected))
    assert.deepEqual(found, size)
  })
}
