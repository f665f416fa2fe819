import assert from 'node:assert/strict'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { FakePodApi, runningPod } from '../support/fake-pod-api.ts'
import { kubectlProgram } from '../support/kubectl.ts'
import { podfitProgram } from '../support/podfit-process.ts'
import { runProgram } from '../support/run-program.ts'
import {
  servePodApi,
  stateDirectory,
  writeKubeconfig,
  type ServedPodApi,
} from '../support/served-pod-api.ts'

const directory = stateDirectory()
const kubeconfig = join(directory, 'kubeconfig')
let served: ServedPodApi

before(async () => {
  served = await servePodApi(new FakePodApi(runningPod({ requests: { cpu: '250m' } })))
  writeKubeconfig(kubeconfig, { one: served.url })
})
after(() => served?.[Symbol.asyncDispose]())

/** kubectl with the checkout's commands on its path. */
function kubectl(...args: readonly string[]) {
  const PATH = `${dirname(podfitProgram)}:${process.env['PATH']}`
  const env = { PATH, KUBECONFIG: kubeconfig, HOME: directory, XDG_STATE_HOME: directory }
  return runProgram(kubectlProgram(), args, { env })
}

test('kubectl podfit runs podfit of the checkout, with its exit codes', async () => {
  const { code, stdout, stderr } = await kubectl('podfit', 'get', 'web')
  assert.equal(code, 0, stderr)
  assert.match(stdout, /^POD +CONTAINER .*\nweb +app +250m:none/)
  assert.equal((await kubectl('podfit', 'resize', 'web')).code, 2)
})

test('kubectl completes verbs, options, pods and files after kubectl podfit', async () => {
  for (const [typed, offered] of [
    [['ver'], 'verify\nversion\n:4\n'],
    [['verify', ''], 'web\n:4\n'],
    [['resize', 'web', '--mem'], '--memory\n:4\n'],
    [['plan', '-f', ''], ':0\n'],
    [['verify', 'nope'], ':4\n'],
  ] as const) {
    const { stdout, stderr } = await kubectl('__complete', 'podfit', ...typed)
    assert.equal(stdout, offered, `${typed.join(' ')}: ${stderr}`)
  }
})
