import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { bytes, cpuShares, micros } from '../domain/units.ts'
import { CgroupError } from './cgroup-error.ts'
import { openCgroupTree } from './open-cgroup-tree.ts'

/** A directory with these files, as the kernel would show them. */
function sample(t: TestContext, files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'podfit-'))
  t.after(() => rmSync(root, { recursive: true }))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}

const knobs = {
  cpuShares: cpuShares(1024),
  cpuPeriod: micros(100_000),
  cpuQuota: micros(150_000),
  memoryLimit: bytes(268_435_456),
}

const v2Files = {
  'cgroup.controllers': 'cpuset cpu io memory pids\n',
  'cgroup.subtree_control': 'cpuset cpu io memory pids\n',
  'pod/cgroup.controllers': 'cpuset cpu io memory pids\n',
  'pod/cpu.weight': '39\n',
  'pod/cpu.max': 'max 100000\n',
  'pod/memory.max': 'max\n',
  'pod/memory.current': '1000000\n',
  'pod/memory.stat': 'anon 600000\nfile 400000\ninactive_file 300000\n',
  'pod/memory.events': 'low 0\nhigh 0\nmax 7\noom 2\noom_kill 1\noom_group_kill 0\n',
  'pod/cpu.stat':
    'usage_usec 5000\nuser_usec 4000\nsystem_usec 1000\nnr_periods 10\nnr_throttled 3\nthrottled_usec 700\nnr_bursts 0\n',
  'pod/cgroup.procs': '10\n11\n',
}

test('v2: reading and writing', (t) => {
  const root = sample(t, v2Files)
  const tree = openCgroupTree(root, { sample: 'v2' })
  assert.ok(tree.exists('/pod'))
  assert.deepEqual(tree.controllers, ['cpuset', 'cpu', 'io', 'memory', 'pids'])
  assert.deepEqual(tree.read('/pod'), {
    cpu: { kind: 'weight', weight: 39 },
    cpuQuota: 'max',
    cpuPeriod: 100_000,
    memoryLimit: 'max',
  })
  tree.write('/pod', knobs)
  assert.equal(readFileSync(`${root}/pod/cpu.max`, 'utf8'), '150000 100000')
  assert.equal(readFileSync(`${root}/pod/cpu.weight`, 'utf8'), '39')
  assert.equal(readFileSync(`${root}/pod/memory.max`, 'utf8'), '268435456')
  assert.deepEqual(tree.memoryUsage('/pod'), { usage: 1_000_000, workingSet: 700_000 })
  const cpu = { usage: 5000, periods: 10, throttledPeriods: 3, throttled: 700 }
  assert.deepEqual(tree.cpuUsage('/pod'), cpu)
  assert.deepEqual(tree.memoryEvents('/pod'), { oomKills: 1, limitHits: 7 })
  assert.deepEqual(tree.processes('/pod'), [10, 11])
  assert.deepEqual(tree.children('/'), ['/pod'])
})

test('v1: reading and writing, one hierarchy for each controller', (t) => {
  const root = sample(t, {
    'cpu/pod/cpu.shares': '1024\n',
    'cpu/pod/cpu.cfs_quota_us': '-1\n',
    'cpu/pod/cpu.cfs_period_us': '100000\n',
    'cpu/pod/cpu.stat': 'nr_periods 10\nnr_throttled 3\nthrottled_time 700999\n',
    'cpuacct/pod/cpuacct.usage': '5000999\n',
    'memory/pod/memory.limit_in_bytes': '9223372036854771712\n',
    'memory/pod/memory.usage_in_bytes': '1000000\n',
    'memory/pod/memory.stat': 'inactive_file 1\ntotal_inactive_file 300000\n',
    'memory/pod/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 1\n',
    'memory/pod/memory.failcnt': '7\n',
    'pids/pod/cgroup.procs': '10\n11\n',
    'unified/pod/cgroup.procs': '',
  })
  const tree = openCgroupTree(root, { sample: 'v1' })
  assert.deepEqual(tree.controllers, ['cpu', 'cpuacct', 'memory', 'pids'])
  assert.ok(tree.exists('/pod'))
  assert.deepEqual(tree.read('/pod'), {
    cpu: { kind: 'shares', shares: 1024 },
    cpuQuota: 'max',
    cpuPeriod: 100_000,
    memoryLimit: 'max',
  })
  tree.write('/pod', knobs)
  assert.equal(readFileSync(`${root}/cpu/pod/cpu.cfs_quota_us`, 'utf8'), '150000')
  assert.equal(tree.read('/pod').memoryLimit, 268_435_456)
  assert.deepEqual(tree.memoryUsage('/pod'), { usage: 1_000_000, workingSet: 700_000 })
  const cpu = { usage: 5000, periods: 10, throttledPeriods: 3, throttled: 700 }
  assert.deepEqual(tree.cpuUsage('/pod'), cpu)
  assert.deepEqual(tree.memoryEvents('/pod'), { oomKills: 1, limitHits: 7 })
  rmSync(`${root}/pids/pod`, { recursive: true })
  assert.ok(!tree.exists('/pod'))
})

test('a missing file is told from a missing cgroup', (t) => {
  const root = sample(t, { ...v2Files, 'bare/cgroup.procs': '' })
  const tree = openCgroupTree(root, { sample: 'v2' })
  const code = (path: string) => {
    try {
      return tree.read(path)
    } catch (error) {
      return error instanceof CgroupError ? error.code : error
    }
  }
  assert.equal(code('/bare'), 'noFile')
  assert.equal(code('/none'), 'notFound')
})

test('a directory that is no cgroup filesystem is refused', (t) => {
  const root = sample(t, v2Files)
  const notCgroup = (error: unknown) => error instanceof CgroupError && error.code === 'notCgroup'
  assert.throws(() => openCgroupTree(root), notCgroup)
  assert.throws(() => openCgroupTree(`${root}/gone`), { code: 'notFound' })
})
