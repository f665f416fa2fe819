import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseProcessCgroups, processCgroups } from './process-cgroup.ts'

test('v1 and hybrid: a path for each controller', () => {
  const text = '9:name=systemd:/pod\n4:memory:/m\n2:cpu,cpuacct:/pod:with:colons\n0::/unified\n'
  const { v1, v2 } = parseProcessCgroups(text)
  const paths = {
    systemd: '/pod',
    memory: '/m',
    cpu: '/pod:with:colons',
    cpuacct: '/pod:with:colons',
  }
  assert.deepEqual(Object.fromEntries(v1), paths)
  assert.equal(v2, '/unified')
})

test('v2: one path', () => {
  assert.deepEqual(parseProcessCgroups('0::/kubepods/pod1/abc\n'), {
    v1: new Map(),
    v2: '/kubepods/pod1/abc',
  })
})

test('paths that lead nowhere here are left out', () => {
  assert.equal(parseProcessCgroups('0::/gone (deleted)\n').v2, undefined)
  assert.equal(parseProcessCgroups('0::/../outside\n').v2, undefined)
  assert.equal(parseProcessCgroups('cut off').v2, undefined)
})

test('a process that is gone has none', () => {
  assert.equal(processCgroups(2 ** 30), undefined)
  assert.notEqual(processCgroups(process.pid), undefined)
})
