import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runningPod } from '../../../test/support/fake-pod-api.ts'
import { bytes, micros } from '../../domain/units.ts'
import type { CgroupRead } from '../cgroups/cgroup-look.ts'
import { heldDown } from './held-down.ts'

const pod = runningPod({
  requests: { cpu: '250m', memory: '64Mi' },
  limits: { cpu: '500m', memory: '128Mi' },
})

function messages(path: string, reading: CgroupRead['reading']): readonly string[] {
  return heldDown(pod, { kind: 'read', path, reading }).map(({ message }) => message)
}

const smaller = {
  cpuQuota: micros(10_000),
  cpuPeriod: micros(100_000),
  memoryLimit: bytes(32 * 1024 ** 2),
}

test('a class that is smaller than the pod is told of with both sizes', () => {
  assert.deepEqual(messages('/kubepods/burstable', smaller), [
    '/kubepods/burstable has a limit of 100m CPU, the pod may use 500m',
    '/kubepods/burstable has a limit of 32Mi memory, the pod may use 128Mi',
  ])
})

test('the cgroup of all pods has to hold requests alone', () => {
  assert.deepEqual(messages('/kubepods', smaller), [
    '/kubepods has a limit of 100m CPU, the pod is promised 250m',
    '/kubepods has a limit of 32Mi memory, the pod is promised 64Mi',
  ])
  const between = { cpuQuota: micros(30_000), memoryLimit: bytes(96 * 1024 ** 2) }
  assert.deepEqual(messages('/kubepods', between), [])
})
