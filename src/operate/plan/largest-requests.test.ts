import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runningPod } from '../../../test/support/fake-pod-api.ts'
import type { Pod, PodSpec } from '../../domain/pod.ts'
import { largestRequests } from './largest-requests.ts'

const mebi = 2 ** 20
const room = { cpu: 2000, memory: 1024 * mebi }

function podOf(spec: Partial<PodSpec> = {}): Pod {
  const pod = runningPod({ requests: { cpu: '250m', memory: '64Mi' } })
  const beside = { name: 'beside', image: 'i', resources: { requests: { cpu: '100m' } } }
  const containers = [...pod.spec.containers, beside]
  return { ...pod, spec: { ...pod.spec, containers, ...spec } }
}

const podLevel = { resources: { requests: { cpu: '1' } } }
const overhead = { overhead: { cpu: '50m', memory: '24Mi' } }

for (const [title, pod, part, cpu, memory] of [
  ['a container has what the others of its pod leave', podOf(), 'app', 1900, 1024],
  ['overhead takes part of it', podOf(overhead), 'app', 1850, 1000],
  ['the request of the pod bounds its containers', podOf(podLevel), 'app', 900, 1024],
  [
    'the pod itself has all, but for the overhead',
    podOf({ ...podLevel, ...overhead }),
    undefined,
    1950,
    1000,
  ],
  [
    'a pod that is larger than the room has none',
    podOf({ resources: { requests: { cpu: '50m' } } }),
    'app',
    0,
    1024,
  ],
] as const) {
  test(`largestRequests(): ${title}`, () => {
    assert.deepEqual(largestRequests(pod, part, room), { cpu, memory: memory * mebi })
  })
}
