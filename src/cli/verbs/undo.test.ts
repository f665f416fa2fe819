import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { FakePodApi, runningPod } from '../../../test/support/fake-pod-api.ts'
import {
  callPodfit,
  servePodApi,
  stateDirectory,
  writeKubeconfig,
} from '../../../test/support/served-pod-api.ts'
import { cpuOf, willing } from '../../../test/support/willing-node.ts'

const small = { requests: { cpu: '250m', memory: '64Mi' }, limits: { cpu: '500m', memory: '64Mi' } }
const names = ['a', 'b', 'c']
const directory = stateDirectory()

/** Three pods that were resized. */
async function resized() {
  const api = willing(new FakePodApi(names.map((name) => runningPod(small, {}, name))))
  const { url, [Symbol.asyncDispose]: close } = await servePodApi(api)
  const state = join(directory, crypto.randomUUID())
  writeKubeconfig(`${state}.kubeconfig`, { one: url })
  const env = { XDG_STATE_HOME: state, KUBECONFIG: `${state}.kubeconfig` }
  const run = (...args: readonly string[]) => callPodfit(args, env)
  assert.equal((await run('resize', '--all', '--cpu', '300m:600m')).exit, 4)
  return {
    api,
    run,
    interrupted: (signal: AbortSignal) => callPodfit(['undo'], env, signal),
    runs: async () => JSON.parse((await run('history', '-o', 'json')).stdout).items,
    [Symbol.asyncDispose]: close,
  }
}

const old = ['250m', '250m', '250m']

test('undo of what was refused can be tried again', async () => {
  await using scene = await resized()
  const { api, run, runs } = scene
  api.failPatches = ({ name, dryRun }) =>
    name === 'b' && !dryRun ? { code: 403, reason: 'Forbidden', message: 'not now' } : undefined
  const refused = await run('undo')
  assert.equal(refused.exit, 3)
  const [resize] = await runs()
  const last = `done in part: 2 of 3 pods have the previous size; podfit undo ${resize.id} tries again\n`
  assert.equal(refused.stdout, last)
  assert.equal(resize.finished.end, 'done')
  api.failPatches = () => undefined
  const again = await run('undo')
  assert.equal(again.exit, 4, again.stderr)
  assert.match(again.stdout, /^done: 3 of 3 pods have the previous size/)
  assert.deepEqual(cpuOf(api, ...names), old)
  const [first, , third] = await runs()
  assert.deepEqual(first.finished, { end: 'undone', by: third.id })
  assert.equal((await run('undo')).exit, 3)
})

test('an undo that was cut off is carried on by --resume, which ends it for the resize, too', async () => {
  await using scene = await resized()
  const { api, run, runs } = scene
  const cut = new AbortController()
  const { onPatched } = api
  api.onPatched = (pod) => {
    onPatched(pod)
    cut.abort()
  }
  assert.equal((await scene.interrupted(cut.signal)).exit, 130)
  assert.equal((await runs())[0].finished.end, 'done')
  const resumed = await run('resize', '--resume')
  assert.equal(resumed.exit, 4, resumed.stderr)
  const [first, second] = await runs()
  assert.deepEqual(first.finished, { end: 'undone', by: second.id })
  assert.deepEqual(cpuOf(api, ...names), old)
})

test('a pod that was replaced since does not keep a run from being undone', async () => {
  await using scene = await resized()
  const { api, run, runs } = scene
  const pod = api.podNamed('a')
  api.set({ ...pod, metadata: { ...pod.metadata, uid: 'another' } })
  assert.equal((await run('undo')).exit, 3)
  assert.equal((await runs())[0].finished.end, 'undone')
  assert.deepEqual(cpuOf(api, ...names), ['300m', '250m', '250m'])
})

test('an undo that is cut off before it has sent anything has undone nothing', async () => {
  await using scene = await resized()
  const { api, runs, run } = scene
  const cut = new AbortController()
  const { fetch } = api
  let looks = 0
  Object.assign(api, {
    fetch(request: Request) {
      if (request.method === 'GET' && request.url.endsWith('/pods/c')) looks += 1
      // It is looked at for the plan, for the step, and then to be followed.
      if (looks === 3) cut.abort()
      return fetch(request)
    },
  })
  const sent = api.patches.length
  assert.equal((await scene.interrupted(cut.signal)).exit, 130)
  Object.assign(api, { fetch })
  // Only dry runs were there.
  assert.deepEqual(cpuOf(api, ...names), ['300m', '300m', '300m'])
  assert.equal(api.patches.length, sent + names.length)
  const [first, second] = await runs()
  assert.deepEqual([first.finished.end, second.finished], ['done', undefined])
  assert.equal((await run('resize', '--resume')).exit, 4)
  assert.deepEqual(cpuOf(api, ...names), old)
})

test('undo of a run whose pods are all gone names it, and how to reach others', async () => {
  await using scene = await resized()
  for (const name of names) scene.api.delete(name)
  const { exit, stderr } = await scene.run('undo')
  const [{ id }] = await scene.runs()
  const why = 'none of its pods is there any more; podfit history lists other runs to name'
  assert.deepEqual([exit, stderr], [3, `podfit undo: Cannot undo ${id}: ${why}\n`])
})
