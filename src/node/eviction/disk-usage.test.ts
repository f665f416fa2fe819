import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { test } from 'node:test'
import { bytesBelow } from './disk-usage.ts'

test('counts what files below a directory take; nothing where there is none', async () => {
  using stack = new DisposableStack()
  const directory = mkdtempSync(join(tmpdir(), 'podfit-du-'))
  stack.defer(() => rmSync(directory, { recursive: true }))
  mkdirSync(join(directory, 'a'))
  writeFileSync(join(directory, 'a', 'b'), Buffer.alloc(100_000, 1))
  assert.ok((await bytesBelow(directory)) >= 100_000)
  assert.equal(await bytesBelow(join(directory, 'none')), 0)
})

test('does not wait for a disk that hangs, nor when nobody wants to know any more', async () => {
  using stack = new DisposableStack()
  const programs = mkdtempSync(join(tmpdir(), 'podfit-du-'))
  stack.defer(() => rmSync(programs, { recursive: true }))
  writeFileSync(join(programs, 'du'), '#!/bin/sh\nexec sleep 1000\n', { mode: 0o755 })
  const { PATH } = process.env
  process.env['PATH'] = `${programs}:${PATH}`
  stack.defer(() => (process.env['PATH'] = PATH))
  await assert.rejects(bytesBelow('/x', undefined, 50), {
    message: 'Cannot count what /x takes: du did not end within 50 ms',
  })
  const stopping = new AbortController()
  const counted = bytesBelow('/x', stopping.signal)
  stopping.abort()
  await assert.rejects(counted, { name: 'AbortError' })
})
