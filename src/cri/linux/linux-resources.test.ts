import assert from 'node:assert/strict'
import { test } from 'node:test'
import { create } from '@bufbuild/protobuf'
import { LinuxContainerResourcesSchema } from '../generated/runtime/v1/resources_pb.ts'
import {
  linuxResourcesFromWire,
  linuxResourcesToWire,
  type LinuxContainerResources,
} from './linux-resources.ts'

function thereAndBack(resources: LinuxContainerResources): LinuxContainerResources {
  const wire = create(LinuxContainerResourcesSchema, linuxResourcesToWire(resources))
  return linuxResourcesFromWire(wire)
}

test('what is given comes back, unlimited included', () => {
  const given: LinuxContainerResources = {
    cpuPeriod: 100_000,
    cpuQuota: -1,
    cpuShares: 2,
    memoryLimitInBytes: 2 ** 52,
    oomScoreAdj: -998,
    cpusetCpus: '0-3',
    hugepageLimits: [{ pageSize: '2MB', limit: 0 }],
    unified: { 'memory.high': '1048576' },
    memorySwapLimitInBytes: -1,
  }
  assert.deepEqual(thereAndBack(given), given)
})

test('what is not given is absent, and 0 is not given', () => {
  assert.deepEqual(thereAndBack({}), {})
  assert.deepEqual(thereAndBack({ cpuQuota: 0, memoryLimitInBytes: 0 }), {})
})

test('a fraction is refused', () => {
  assert.throws(() => linuxResourcesToWire({ cpuQuota: 0.5 }), RangeError)
})
