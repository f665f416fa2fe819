import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { hostPortRefusal } from './host-ports.ts'

test('a machine on which nobody can look has no host ports, and podfit starts all the same', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'podfit-ports-'))
  const path = process.env['PATH']
  t.after(() => {
    process.env['PATH'] = path
    rmSync(directory, { recursive: true })
  })
  for (const name of ['portmap', 'iptables']) {
    writeFileSync(join(directory, name), '', { mode: 0o755 })
  }
  process.env['PATH'] = directory
  assert.equal(
    hostPortRefusal(directory),
    'cannot tell whether there is a nat table: spawnSync unshare ENOENT',
  )
})
