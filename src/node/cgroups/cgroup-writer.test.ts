import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytes } from '../../domain/units.ts'
import { CgroupWriter } from './cgroup-writer.ts'
import type { Cgroups } from './cgroups.ts'
import { Slices } from './slices.ts'

const path = '/podfit.slice/podfit-pod1.slice'
const knobs = { memoryLimit: bytes(4096) }
const memoryMax = { name: 'MemoryMax', type: 't', value: '4096' }

/** A writer beside a systemd of which nothing is known but what it is told. */
function beside(told: object[]) {
  const units = {
    start: async () => {},
    set: async (unit: string, properties: readonly object[]) =>
      void told.push({ unit, properties }),
    stop: async () => {},
  }
  const slices = new Slices(units, () => {}, assert.fail)
  const files: Partial<Cgroups> = { version: 'v2', create: () => {}, write: () => {} }
  return new CgroupWriter({ cgroups: files as Cgroups, slices })
}

test('systemd hears once of a size that an earlier podfit wrote, however often it is seen', async () => {
  const told: object[] = []
  const writer = beside(told)
  writer.assure(path, knobs)
  writer.assure(path, knobs)
  await writer.settled(path)
  assert.deepEqual(told, [{ unit: 'podfit-pod1.slice', properties: [memoryMax] }])
})

test('of what was made here it has heard already, until that is gone', async () => {
  const told: object[] = []
  const writer = beside(told)
  await writer.create(path, knobs)
  writer.assure(path, knobs)
  await writer.settled(path)
  assert.deepEqual(told, [])
  writer.forget(path)
  writer.assure(path, knobs)
  await writer.settled(path)
  assert.equal(told.length, 1)
})
