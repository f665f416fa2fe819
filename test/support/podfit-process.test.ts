import assert from 'node:assert/strict'
import { existsSync, statSync } from 'node:fs'
import { test } from 'node:test'
import { createKubectl } from './kubectl.ts'
import { startPodfit } from './podfit-process.ts'

test('a podfit can be killed and started again, and leaves nothing', async () => {
  const podfit = await startPodfit()
  try {
    assert.match(podfit.server, /^https:\/\/127\.0\.0\.1:\d+$/)
    assert.equal(statSync(podfit.kubeconfig).mode & 0o777, 0o600)
    assert.match(await createKubectl(podfit.kubeconfig).run(['get', 'nodes']), /\bReady\b/)

    const { pid } = podfit
    await podfit.kill9()
    assert.equal(podfit.running, false)
    await podfit.start()
    assert.notEqual(podfit.pid, pid)
    assert.match(await createKubectl(podfit.kubeconfig).run(['get', 'nodes']), /\bReady\b/)
  } finally {
    await podfit[Symbol.asyncDispose]()
  }
  assert.equal(existsSync(podfit.dataDir), false)
})
