import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { containerCgroupByProcess } from './container-processes.ts'

const id = 'ab'.repeat(32)

test('containerCgroupByProcess() finds the cgroup under any path, on v1, hybrid and v2, crun included', (t) => {
  const proc = mkdtempSync(join(tmpdir(), 'podfit-'))
  t.after(() => rmSync(proc, { recursive: true }))
  const process = (pid: string, text: string) => {
    mkdirSync(join(proc, pid), { recursive: true })
    writeFileSync(join(proc, pid, 'cgroup'), text)
  }
  process('1', '0::/init.scope\n')
  mkdirSync(join(proc, '2'))
  writeFileSync(join(proc, 'uptime'), id)
  assert.equal(containerCgroupByProcess(id, proc), undefined)
  process('30', `0::/odd/place/crio-${id}.scope/container\n`)
  assert.equal(containerCgroupByProcess(id, proc), `/odd/place/crio-${id}.scope`)
  process('30', `0::/\n4:memory:/docker/x/${id}\n3:cpu,cpuacct:/docker/x/${id}\n`)
  assert.equal(containerCgroupByProcess(id, proc), `/docker/x/${id}`)
  process('30', `4:memory:/\n3:cpu,cpuacct:/only/here/${id}\n0::/unified\n`)
  assert.equal(containerCgroupByProcess(id, proc), `/only/here/${id}`)
  // A path outside of our cgroup namespace leads nowhere.
  process('30', `0::/../up/${id}\n`)
  assert.equal(containerCgroupByProcess(id, proc), undefined)
})
