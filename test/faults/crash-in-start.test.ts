import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { idle, podWith, runningPod } from '../node/pods.ts'
import { createKubectl } from '../support/kubectl.ts'
import { PodfitProcess } from '../support/podfit-process.ts'

/** What a first start makes, in this order: each start of the test comes one further. */
const made = ['directory', 'keys', 'database', 'listening', 'containerd', 'images', 'node']

test('kill -9 at each step of the first start, one after the other, on the same directory', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'steps-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const [crashAt, steps] = [join(directory, 'crash-at'), join(directory, 'steps')]
  const env = { PODFIT_CRASH_AT: `@${crashAt}`, PODFIT_STEPS_FILE: steps }
  await using podfit = new PodfitProcess({ env })
  for (const step of made.map((one) => `up.${one}.after`)) {
    await t.test(step, async () => {
      writeFileSync(crashAt, step)
      await assert.rejects(podfit.start(), /podfit up ended/)
      assert.equal(readFileSync(steps, 'utf8').trimEnd().split('\n').at(-1), step)
    })
  }
  rmSync(crashAt)
  await podfit.start()
  const kubectl = createKubectl(podfit.kubeconfig)
  await kubectl.apply(podWith('after-all', idle))
  await runningPod(kubectl, 'after-all')
})
