import assert from 'node:assert/strict'
import { test } from 'node:test'
import { treeOfTexts } from '../../cgroup/tree-of-texts.ts'
import { parseInsideView } from './inside-script.ts'

test('parseInsideView() reads the files of cgroup v2, the page size and the clock', () => {
  const view = parseInsideView(
    '=uptime\n12.34 5.6\n=page\n64\n=/cpu.max\n20000 100000\n=/cpu.weight\n4\n=/memory.max\nmax\n' +
      '=/cpu.stat\nusage_usec 1500\n=/memory.current\n4096\n=/memory.stat\ninactive_file 96\n',
  )
  assert.deepEqual([view.pageSize, view.uptimeMs], [65_536, 12_340])
  const tree = treeOfTexts(view.texts)
  assert.equal(tree.version, 'v2')
  assert.deepEqual(tree.read('/'), {
    cpu: { kind: 'weight', weight: 4 },
    cpuQuota: 20_000,
    cpuPeriod: 100_000,
    memoryLimit: 'max',
  })
  assert.deepEqual([tree.cpuUsage('/').usage, tree.memoryUsage('/').workingSet], [1500, 4000])
})

test('parseInsideView() reads the files of cgroup v1', () => {
  const { texts } = parseInsideView(
    '=/cpu/cpu.shares\n102\n=/cpu/cpu.cfs_quota_us\n-1\n=/cpu/cpu.cfs_period_us\n100000\n' +
      '=/memory/memory.limit_in_bytes\n9223372036854771712\n',
  )
  const tree = treeOfTexts(texts)
  assert.equal(tree.version, 'v1')
  assert.deepEqual(tree.read('/'), {
    cpu: { kind: 'shares', shares: 102 },
    cpuQuota: 'max',
    cpuPeriod: 100_000,
    memoryLimit: 'max',
  })
})

test('parseInsideView() takes cut and foreign output for what it is', () => {
  for (const stdout of ['', 'welcome to this image\n', '=', '=uptime\nsoon\n=page\n']) {
    const view = parseInsideView(stdout)
    assert.deepEqual([view.texts.size, view.pageSize, view.uptimeMs], [0, undefined, 0])
  }
  const { texts } = parseInsideView('=/cpu.max\n20000 1000')
  assert.throws(() => treeOfTexts(texts).read('/'), { code: 'noFile' })
})
