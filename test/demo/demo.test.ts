import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { leftoversOf, marksOf } from '../support/leftovers.ts'
import { podfitProgram } from '../support/podfit-process.ts'
import { runProgram } from '../support/run-program.ts'
import { slowness } from '../support/wait-until.ts'

const demo = join(import.meta.dirname, '../../scripts/demo.ts')

function runDemo(...args: readonly string[]) {
  return runProgram(process.execPath, [demo, ...args], { timeoutMs: 120_000 })
}

/** The directory that it says it works in. */
function dataDirOf(output: string): string {
  const [, dataDir] = /podfit up --data-dir (\S+)/.exec(output) ?? []
  assert.ok(dataDir, output)
  return dataDir
}

test('the demo shows the main job, proves every claim and leaves nothing behind', async () => {
  const { code, stdout } = await runDemo()
  assert.equal(code, 0, stdout)
  for (const line of [
    /^done and verified: container server has cpu 500m:1, memory 64Mi:128Mi/m,
    /^ +server +(cpu\.cfs_quota_us +20000 → 100000|cpu\.max +20000 100000 → 100000 100000)$/m,
    /^✓ server is the same container \(\w{12}\), restarts: 0$/m,
    /^5 ordered +memory of server, then memory of pod, then cpu of server, then cpu of pod$/m,
    /^6 done +\d+ writes, from \d+ ms to \d+ ms after the PATCH$/m,
    /^✓ the process inside went on counting: \d+ → \d+$/m,
    /^verified: all five layers agree$/m,
    /^✓ log gave before app got/m,
    /^! container store was restarted \(restart count 0 → 1\)$/m,
    /^ +verdict deferred/m,
    /^! deferred: Node didn't have enough resource: cpu/m,
    /Pod QOS Class may not change as a result of resizing$/m,
    /^✓ nothing of it is left on this machine$/m,
    /^Everything shown held/m,
  ]) {
    assert.match(stdout, line)
  }
  assert.doesNotMatch(stdout, /✗/)
  assert.ok(!stdout.includes('\x1b'), 'no colours in a pipe')
  assert.deepEqual(leftoversOf(marksOf(dataDirOf(stdout))), [])
})

/** What keeping adds does not depend on the cgroup version, and the guest is slow. */
const skip = slowness > 1

test(
  'demo --keep leaves podfit running, and says how to use and how to stop it',
  { skip },
  async () => {
    const { code, stdout } = await runDemo('--keep')
    const dataDir = dataDirOf(stdout)
    const marks = marksOf(dataDir)
    const [, kubeconfig] = /^export KUBECONFIG=(.+)$/m.exec(stdout) ?? []
    const [, down] = /^podfit (down .+)$/m.exec(stdout) ?? []
    try {
      assert.equal(code, 0, stdout)
      const verified = await runProgram(podfitProgram, ['verify', 'web'], {
        env: { KUBECONFIG: kubeconfig },
      })
      assert.equal(verified.code, 0, verified.stderr)
      assert.deepEqual(down?.split(' '), ['down', '--data-dir', dataDir, '--purge'])
    } finally {
      await runProgram(podfitProgram, ['down', '--data-dir', dataDir, '--purge'])
    }
    assert.deepEqual(leftoversOf(marks), [])
  },
)

test('the demo refuses what it does not know', async () => {
  const { code, stderr } = await runDemo('--kep')
  assert.equal(code, 2)
  assert.match(stderr, /^demo: Unknown option '--kep'/)
})
