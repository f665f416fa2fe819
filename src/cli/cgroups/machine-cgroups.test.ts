import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { CgroupTree } from '../../cgroup/cgroup-tree.ts'
import { openCgroupTree } from '../../cgroup/open-cgroup-tree.ts'
import type { CgroupSight } from '../../operate/cgroups/cgroup-look.ts'
import { reportPod } from '../../operate/verify/pod-report.ts'
import { runningPod } from '../../../test/support/fake-pod-api.ts'
import { machineCgroups } from './machine-cgroups.ts'

const small = { requests: { cpu: '100m', memory: '32Mi' }, limits: { cpu: '200m', memory: '64Mi' } }
const pod = runningPod(small)
const { uid = '' } = pod.metadata
const id = pod.status?.containerStatuses?.[0]?.containerID?.split('//')[1] ?? ''
const { signal } = new AbortController()

const filesOf = {
  v1: [
    ['cpu', ['cpu.shares', 'cpu.cfs_quota_us', 'cpu.cfs_period_us', 'cpu.stat']],
    ['cpuacct', ['cpuacct.usage']],
    ['memory', ['memory.limit_in_bytes', 'memory.usage_in_bytes', 'memory.stat']],
  ],
  v2: [['.', ['cpu.max', 'cpu.weight', 'memory.max', 'memory.current', 'memory.stat', 'cpu.stat']]],
} as const

/** What a file that is cut, foreign, of another kernel or far too long may say. */
const someText = fc.oneof(
  fc.constantFrom('', '\n', 'max', 'max 100000', '20000 100000', '-1', '102', '67108864', '0'),
  fc.constantFrom('9223372036854771712', '18446744073709551616', '1e400', '12 34 56', 'NaN'),
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.integer({ min: 1, max: 5 }).map((times) => '7'.repeat(times * 40_000)),
  fc.integer({ min: 1, max: 5 }).map((times) => `inactive_file ${times}\n`.repeat(20_000)),
)
const levels = ['kubepods', `kubepods/pod${uid}`, `kubepods/pod${uid}/${id}`] as const
/** What happens to a cgroup while it is looked at. */
const someChange = fc.record({
  at: fc.constantFrom(...levels),
  how: fc.constantFrom('remove', 'rename', 'empty'),
})

function change(root: string, version: 'v1' | 'v2', { at, how }: { at: string; how: string }) {
  for (const [controller] of filesOf[version]) {
    const directory = join(root, controller, at)
    try {
      if (how === 'rename') renameSync(directory, `${directory}-gone`)
      else rmSync(directory, { recursive: true, force: true })
      if (how === 'empty') mkdirSync(directory)
    } catch {
      // It was changed before.
    }
  }
}

/** The tree, in which something changes before each of the first calls. */
function changing(tree: CgroupTree, changes: readonly (() => void)[]): CgroupTree {
  const left = changes.values()
  return new Proxy(tree, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        left.next().value?.()
        return Reflect.apply(value, target, args) as unknown
      }
    },
  })
}

function assertWhole(sight: CgroupSight | undefined): void {
  if (sight?.kind !== 'read') return
  const { cpu, cpuQuota = 0, cpuPeriod = 0, memoryLimit = 0 } = sight.reading
  const numbers = [(cpu?.kind === 'shares' ? cpu.shares : cpu?.weight) ?? 0, cpuPeriod]
  for (const value of [...numbers, cpuQuota, memoryLimit]) {
    assert.ok(value === 'max' || (Number.isSafeInteger(value) && value >= 0), `${value}`)
  }
}

for (const version of ['v1', 'v2'] as const) {
  test(`no tree of cgroup ${version} breaks a look: files cut or huge, directories that vanish`, async () => {
    const fileNames = filesOf[version].flatMap(([controller, names]) =>
      names.map((name) => join(controller, '*', name)),
    )
    const texts = fc.array(fc.option(someText), {
      minLength: fileNames.length * levels.length,
      maxLength: fileNames.length * levels.length,
    })
    const look = async (contents: readonly (string | null)[], changes: readonly object[]) => {
      const root = mkdtempSync(join(tmpdir(), 'podfit-'))
      try {
        levels.forEach((level, row) =>
          fileNames.forEach((name, column) => {
            const path = join(root, name.replace('*', level))
            mkdirSync(join(path, '..'), { recursive: true })
            const content = contents[row * fileNames.length + column]
            if (content !== null && content !== undefined) writeFileSync(path, content)
          }),
        )
        const steps = changes.map((one) => () => change(root, version, one as never))
        const tree = openCgroupTree(root, { sample: version })
        const cgroups = machineCgroups(() => changing(tree, steps))
        const seen = await cgroups.look(pod, signal)
        if (changes.length === 0) assert.equal(seen.kind, 'seen')
        if (seen.kind === 'seen') {
          assertWhole(seen.pod)
          Object.values(seen.containers).forEach(assertWhole)
          seen.ancestors?.forEach(assertWhole)
        }
        assert.ok(reportPod(pod, seen).verdict)
        const sample = await cgroups.sample(pod, signal)
        for (const { memory, cpuMicros } of sample?.values() ?? []) {
          assert.ok(memory >= 0 && cpuMicros >= 0)
        }
      } finally {
        rmSync(root, { recursive: true })
      }
    }
    await fc.assert(fc.asyncProperty(texts, fc.array(someChange, { maxLength: 6 }), look), {
      numRuns: 100,
    })
  })
}
