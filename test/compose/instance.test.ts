import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { isRunning, processIdentity } from '../../src/compose/data/instance.ts'
import { waitUntil } from '../support/wait-until.ts'

test('a process runs until it has ended, also where nobody reaps it', async () => {
  // The shell becomes a sleep, which never asks for its child.
  const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'])
  try {
    const [line] = (await once(parent.stdout, 'data')) as [Buffer]
    const pid = Number(line.toString())
    const identity = processIdentity(pid)
    assert.ok(identity !== undefined && isRunning(identity))
    process.kill(pid, 'SIGKILL')
    await waitUntil('a zombie', () => / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')))
    assert.equal(isRunning(identity), false)
    assert.equal(processIdentity(pid), undefined)
  } finally {
    parent.kill('SIGKILL')
  }
})
