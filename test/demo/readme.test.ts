import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { leftoversOf, marksOf } from '../support/leftovers.ts'
import { podfitProgram } from '../support/podfit-process.ts'
import { runProgram } from '../support/run-program.ts'

const checkout = join(import.meta.dirname, '../..')

/** The block that a new user copies, on a directory and a port of its own. */
function firstResize(dataDir: string): string {
  const readme = readFileSync(join(checkout, 'README.md'), 'utf8')
  const [, block] = /## A first resize with kubectl[^]*?```sh\n([^]*?)```/.exec(readme) ?? []
  assert.ok(block, 'README.md has the block')
  const here = ['--data-dir', dataDir].join(' ')
  return block
    .replaceAll('/var/lib/podfit', dataDir)
    .replace('podfit up', `podfit up ${here} --listen 127.0.0.1:0`)
    .replace('podfit down', `podfit down ${here}`)
}

test('the first resize of the README can be copied as it is', async () => {
  const dataDir = join(mkdtempSync(join(tmpdir(), 'podfit-readme-')), 'data')
  const marks = marksOf(dataDir)
  try {
    const { code, stdout, stderr } = await runProgram('sh', ['-ec', firstResize(dataDir)], {
      cwd: checkout,
      timeoutMs: 120_000,
    })
    assert.equal(code, 0, stderr)
    assert.match(stdout, /^pod\/web patched$/m)
    assert.match(stdout, /^done and verified: container server has cpu 500m:1, memory 64Mi:128Mi/m)
    assert.match(stdout, /^verified: all five layers agree$/m)
    assert.match(stderr, /^ {2}cpu {4}150m:300m → 500m:1$/m)
    assert.deepEqual(leftoversOf(marks), [])
  } finally {
    await runProgram(podfitProgram, ['down', '--data-dir', dataDir, '--purge'])
    rmSync(join(dataDir, '..'), { recursive: true, force: true })
  }
})
