import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { podfitProgram } from '../support/podfit-process.ts'
import { runProgram } from '../support/run-program.ts'

test('a reader that is slow gets the whole output; one that goes away changes no verdict', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'podfit-'))
  try {
    const resources = { requests: { cpu: '100m' } }
    const containers = [{ name: 'c', image: 'busybox', resources }]
    const items = Array.from({ length: 300 }, (_, index) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `pod-${index}` },
      spec: { containers },
    }))
    const manifest = JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
    writeFileSync(join(directory, 'pods.json'), manifest)
    const plan = `${podfitProgram} plan -f pods.json --cpu x2 -o json`
    const cut = `{ ${plan}; echo $? >&2; } | head -c 1`
    const script = `${plan} >file; ${plan} | { sleep 1; wc -c; }; ${cut}`
    const { stdout, stderr } = await runProgram('sh', ['-c', script], { cwd: directory })
    const { size } = statSync(join(directory, 'file'))
    assert.ok(size > 100_000, `${size} bytes are no long output`)
    assert.equal(stdout, `${size}\n{`)
    // Nobody has judged the room on a node: that is so whoever reads it.
    assert.equal(stderr, '4\n')
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
})
