import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { FakePodApi, runningPod } from '../support/fake-pod-api.ts'
import { podfitProgram } from '../support/podfit-process.ts'
import { runProgram } from '../support/run-program.ts'
import { servePodApi, stateDirectory, writeKubeconfig } from '../support/served-pod-api.ts'
import { cpuOf, willing } from '../support/willing-node.ts'

const small = { requests: { cpu: '250m', memory: '64Mi' }, limits: { cpu: '500m', memory: '64Mi' } }
const directory = stateDirectory()

test('podfit resize and --resume ask on the terminal, also when stderr goes into a file', async () => {
  const api = willing(new FakePodApi(runningPod(small)))
  await using served = await servePodApi(api)
  const kubeconfig = join(directory, 'kubeconfig')
  writeKubeconfig(kubeconfig, { one: served.url })
  const env = { KUBECONFIG: kubeconfig, HOME: directory, XDG_STATE_HOME: directory }
  const log = join(directory, 'log')

  /** On a terminal of its own, where somebody types the answer. */
  async function typed(answer: string, line: string) {
    const command = `${podfitProgram} ${line} 2>${log}`
    const options = { input: `${answer}\n`, env }
    const { code, stdout } = await runProgram('script', ['-qec', command, '/dev/null'], options)
    return { code, stdout, stderr: readFileSync(log, 'utf8') }
  }

  const size = 'resize web --cpu 300m:600m'
  const no = await typed('n', size)
  assert.equal(no.code, 3, no.stderr)
  assert.match(no.stdout, /Resize\? \[y\/N\] /)
  assert.match(no.stderr, /Not confirmed: nothing was sent\n$/)
  assert.deepEqual(cpuOf(api, 'web'), ['250m'])

  const killed = await runProgram(podfitProgram, size.split(' '), {
    env: { ...env, PODFIT_CRASH_AT: 'journal.sending.after' },
  })
  assert.equal(killed.code, 137, killed.stderr)
  const resumed = await typed('y', 'resize --resume')
  assert.equal(resumed.code, 4, resumed.stderr)
  assert.match(resumed.stdout, /Carry on \d+-\d+-\w+\? \[y\/N\] /)
  assert.deepEqual(cpuOf(api, 'web'), ['300m'])
})
