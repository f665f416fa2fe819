import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sharesFor } from '../../domain/cgroup/cpu.ts'
import type { CgroupKnobs, CgroupReading } from '../../domain/cgroup/knobs.ts'
import { bytes, cpuShares, micros, milliCpu } from '../../domain/units.ts'
import type { Cgroups } from './cgroups.ts'
import { CgroupWriter } from './cgroup-writer.ts'
import { ClassCgroups } from './class-cgroups.ts'

const root = '/podfit/kubepods'
const [burstable, bestEffort] = [`${root}/burstable`, `${root}/besteffort`]

/** A tree that is made of what was written. */
class Tree {
  readonly version = 'v1'
  readonly knobs = new Map<string, CgroupKnobs>()

  exists(path: string): boolean {
    return this.knobs.has(path)
  }

  create(path: string): void {
    if (!this.exists(path)) this.knobs.set(path, {})
  }

  write(path: string, knobs: CgroupKnobs): void {
    this.knobs.set(path, { ...this.#there(path), ...knobs })
  }

  read(path: string): CgroupReading {
    const { cpuShares: shares = cpuShares(1024), memoryLimit = 'max' } = this.#there(path)
    const cpu = { kind: 'shares', shares } as const
    return { cpu, cpuQuota: 'max', cpuPeriod: micros(100_000), memoryLimit }
  }

  writeUnified(): void {}

  readUnified(): Readonly<Record<string, string>> {
    return {}
  }

  #there(path: string): CgroupKnobs {
    const knobs = this.knobs.get(path)
    if (knobs === undefined) throw Object.assign(new Error(`no ${path}`), { code: 'notFound' })
    return knobs
  }
}

function cgroupsOn(tree: Tree): ClassCgroups {
  const cgroups = tree as Partial<Cgroups> as Cgroups
  const options = {
    cgroups,
    root: '/podfit',
    driver: 'cgroupfs' as const,
    machine: { cpu: milliCpu(4000), memory: bytes(4 * 1024 ** 3), swap: bytes(0) },
    onStep: () => {},
  }
  return new ClassCgroups(options, new CgroupWriter(options))
}

test('a node that starts again leaves the weight of its pods as it is', async () => {
  const tree = new Tree()
  await cgroupsOn(tree).create()
  assert.deepEqual(tree.knobs.get(burstable), { cpuShares: 2 })
  cgroupsOn(tree).weighBurstable(milliCpu(1500))
  await cgroupsOn(tree).create()
  assert.deepEqual(tree.knobs.get(burstable), { cpuShares: sharesFor(milliCpu(1500)) })
})

test('a class that somebody has removed is made again for its weight, and found', async () => {
  const tree = new Tree()
  const cgroups = cgroupsOn(tree)
  await cgroups.create()
  tree.knobs.delete(burstable)
  cgroups.weighBurstable(milliCpu(1000))
  assert.deepEqual(tree.knobs.get(burstable), { cpuShares: 1024 })
  tree.knobs.delete(bestEffort)
  const found = cgroups.findDrift(milliCpu(1000), undefined)
  assert.deepEqual(
    found.map(({ message }) => message),
    [`Somebody removed the cgroup ${bestEffort}`],
  )
  for (const { restore } of found) restore()
  assert.deepEqual(tree.knobs.get(bestEffort), { cpuShares: 2 })
})

test('the weight of all pods together is looked at, too', async () => {
  const tree = new Tree()
  const cgroups = cgroupsOn(tree)
  await cgroups.create()
  tree.write(root, { cpuShares: cpuShares(77) })
  const [drift] = cgroups.findDrift(milliCpu(0), undefined)
  assert.match(drift?.message ?? '', /kubepods: cpu\.shares is "77", not "4096"$/)
})
