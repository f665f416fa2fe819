import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytes, milliCpu, type Bytes } from '../../domain/units.ts'
import { Checkpoint } from '../checkpoint/checkpoint.ts'
import type { Cgroups } from './cgroups.ts'
import { NodeCgroups } from './node-cgroups.ts'
import { restoreSoftLimits } from './restore-soft-limits.ts'

type Failures = Readonly<Record<string, string>>

/** The files memory.high of cgroups that all are there, where writing some of them fails. */
function cgroupsOn(high: Map<string, Bytes | 'max'>, failures: Failures = {}): NodeCgroups {
  const tree: Partial<Cgroups> = {
    version: 'v2',
    exists: (path) => high.has(path),
    async setMemoryHigh(path, value) {
      const code = failures[path]
      if (code !== undefined) throw Object.assign(new Error(code), { code })
      high.set(path, value)
    },
  }
  return new NodeCgroups({
    cgroups: tree as Cgroups,
    root: '/podfit',
    driver: 'cgroupfs',
    machine: { cpu: milliCpu(4000), memory: bytes(4 * 1024 ** 3), swap: bytes(0) },
    onStep: () => {},
  })
}

/** A start after a crash, with what it tells of. */
async function start(checkpoint: Checkpoint, cgroups: NodeCgroups): Promise<readonly string[]> {
  const told: string[] = []
  await restoreSoftLimits(checkpoint, cgroups.memory, (message) => told.push(message))
  return told
}

function crashed(): Checkpoint {
  const checkpoint = Checkpoint.open(':memory:')
  for (const path of ['/ended', '/ending', '/runs']) checkpoint.holdSoftLimit(path, 'max')
  return checkpoint
}

test('a container that ends while its soft limit is put back keeps no other slowed down', async () => {
  using checkpoint = crashed()
  const high = new Map<string, Bytes | 'max'>([
    ['/ending', bytes(4096)],
    ['/runs', bytes(4096)],
  ])
  assert.deepEqual(await start(checkpoint, cgroupsOn(high, { '/ending': 'notFound' })), [])
  assert.equal(high.get('/runs'), 'max')
  assert.equal(checkpoint.heldSoftLimits().size, 0)
})

test('one that cannot be written is told of, and tried again at the next start', async () => {
  using checkpoint = crashed()
  const high = new Map<string, Bytes | 'max'>([
    ['/ending', bytes(4096)],
    ['/runs', bytes(8192)],
  ])
  const [told, ...more] = await start(checkpoint, cgroupsOn(high, { '/ending': 'io' }))
  assert.deepEqual(more, [])
  assert.match(told ?? '', /memory\.high of \/ending back to max/)
  assert.equal(high.get('/runs'), 'max')
  assert.deepEqual([...checkpoint.heldSoftLimits().keys()], ['/ending'])
  assert.deepEqual(await start(checkpoint, cgroupsOn(high)), [])
  assert.deepEqual([high.get('/ending'), checkpoint.heldSoftLimits().size], ['max', 0])
})
