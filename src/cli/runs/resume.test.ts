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
import { chosenRun } from './resume.ts'

const small = { requests: { cpu: '250m', memory: '64Mi' }, limits: { cpu: '500m', memory: '64Mi' } }
const names = ['a', 'b']
const directory = stateDirectory()

function pods() {
  return names.map((name) => runningPod(small, {}, name))
}

/** Two clusters with pods of the same names, as contexts `one` and `two`; a resize in `one` was cut off. */
async function interrupted({ identities = true, ...env }: { identities?: boolean } = {}) {
  const state = join(directory, crypto.randomUUID())
  const kubeconfig = `${state}.kubeconfig`
  const apis = [willing(new FakePodApi(pods())), willing(new FakePodApi(pods()))] as const
  const served = [await servePodApi(apis[0]), await servePodApi(apis[1])] as const
  const clusters = { one: served[0].url, two: served[1].url }
  if (identities) {
    for (const [index, api] of apis.entries()) {
      const metadata = { name: 'kube-system', uid: `cluster-${index}` }
      api.others.set('GET /api/v1/namespaces/kube-system', { metadata })
    }
  }
  for (const name of names) {
    const pod = apis[1].podNamed(name)
    apis[1].set({ ...pod, metadata: { ...pod.metadata, uid: `other-${name}` } })
  }
  writeKubeconfig(kubeconfig, clusters)
  const all = { XDG_STATE_HOME: state, KUBECONFIG: kubeconfig, ...env }
  const run = (...args: readonly string[]) => callPodfit(args, all)
  const cut = new AbortController()
  const { onPatched } = apis[0]
  apis[0].onPatched = (pod) => {
    onPatched(pod)
    cut.abort()
  }
  const args = ['resize', '--all', '--cpu', '300m:600m']
  assert.equal((await callPodfit(args, all, cut.signal)).exit, 130)
  const newest = async () => JSON.parse((await run('history', '-o', 'json')).stdout).items.at(-1)
  return {
    one: apis[0],
    two: apis[1],
    run,
    newest,
    useContext: (name: 'one' | 'two') =>
      writeKubeconfig(kubeconfig, { [name]: clusters[name], ...clusters }),
    /** What `one` means from now on. */
    move: (servers: Record<string, string>) => writeKubeconfig(kubeconfig, servers),
    clusters,
    async [Symbol.asyncDispose]() {
      await Promise.all(served.map((one) => one[Symbol.asyncDispose]()))
    },
  }
}

test('--resume goes on in the cluster of the run, whatever the current context is by then', async () => {
  await using scene = await interrupted()
  scene.useContext('two')
  const { exit, stderr } = await scene.run('resize', '--resume')
  assert.equal(exit, 4, stderr)
  assert.deepEqual(cpuOf(scene.one, ...names), ['300m', '300m'])
  assert.deepEqual(cpuOf(scene.two, ...names), ['250m', '250m'])
})

test('--resume waits as long as the run began with, or as it is told', async () => {
  await using scene = await interrupted()
  scene.one.onPatched = () => {}
  const { exit, stderr } = await scene.run('resize', '--resume', '--timeout', '300ms')
  assert.equal(exit, 5, stderr)
})

test('--resume says which run it goes on with, and how far that is', async () => {
  await using scene = await interrupted()
  const { id } = await scene.newest()
  const { stderr } = await scene.run('resize', '--resume')
  const lines = stderr.split('\n')
  assert.match(lines[0] ?? '', new RegExp(`^${id} .* unfinished$`))
  assert.match(lines[2] ?? '', /^default\/a +app +cpu 250m:500m → 300m:600m +sending$/)
  assert.match(lines[3] ?? '', /^default\/b +app +cpu 250m:500m → 300m:600m +waiting$/)
  const again = await scene.run('resize', '--resume')
  assert.equal(again.exit, 3)
  assert.match(again.stderr, /There is nothing to carry on/)
})

for (const identities of [true, false]) {
  const by = identities ? 'kube-system' : 'its pods, where kube-system may not be read'
  test(`--resume and undo leave another cluster and the journal alone, told by ${by}`, async () => {
    await using scene = await interrupted({ identities })
    const before = await scene.newest()
    const elsewhere = async (...args: readonly string[]) => {
      const { exit, stderr } = await scene.run(...args)
      assert.equal(exit, 2, stderr)
      const { one, two } = scene.clusters
      assert.match(
        stderr,
        new RegExp(`it was sent to ${one} \\(context one\\), and ${two} is another`),
      )
      assert.deepEqual(await scene.newest(), before)
      assert.equal(scene.two.patches.length, 0)
    }
    await elsewhere('resize', '--resume', '--context', 'two')
    await elsewhere('undo', '--context', 'two')
    scene.move({ one: scene.clusters.two })
    await elsewhere('resize', '--resume')
    scene.move(scene.clusters)
    assert.equal((await scene.run('undo')).exit, 4)
    assert.deepEqual(cpuOf(scene.one, ...names), ['250m', '250m'])
  })
}

test('--resume knows a cluster that is called differently now', async () => {
  await using scene = await interrupted()
  scene.move({ one: scene.clusters.one.replace('127.0.0.1', 'localhost') })
  const { exit, stderr } = await scene.run('resize', '--resume')
  assert.equal(exit, 4, stderr)
  assert.match(stderr, /^Run \S+ was sent to http:\/\/127[^ ]+; it is http:\/\/localhost:\d+ now\n/)
})

test('--resume finds what the server made of the size: a limit alone becomes the request, too', async () => {
  const memory = { requests: { memory: '64Mi' }, limits: { memory: '64Mi' } }
  const api = willing(new FakePodApi(runningPod(memory)))
  await using served = await servePodApi(api)
  const state = join(directory, crypto.randomUUID())
  const kubeconfig = `${state}.kubeconfig`
  writeKubeconfig(kubeconfig, { one: served.url })
  const env = { XDG_STATE_HOME: state, KUBECONFIG: kubeconfig }
  const cut = new AbortController()
  const { onPatched } = api
  api.onPatched = (pod) => {
    onPatched(pod)
    cut.abort()
  }
  const killed = await callPodfit(['resize', 'web', '--cpu', ':500m'], env, cut.signal)
  assert.equal(killed.exit, 130, killed.stderr)
  assert.deepEqual(cpuOf(api, 'web'), ['500m'])
  const { exit, stdout, stderr } = await callPodfit(['resize', '--resume'], env)
  assert.equal(exit, 4, stderr)
  // Nothing is left to be done: each layer is told once, with what it says.
  for (const layer of ['desired', 'allocated', 'status']) {
    const [line = '', ...more] = stderr.split('\n').filter((one) => one.startsWith(`✓ ${layer}`))
    assert.match(line, layer === 'desired' ? / unchanged {3}generation 2$/ : / unchanged$/)
    assert.deepEqual(more, [])
  }
  assert.match(
    stdout,
    /^done: container app has cpu 500m:500m, memory 64Mi:64Mi already, by the API/,
  )
})

test('a run that is named and not there is an error, as a pod is', () => {
  const message = 'Cannot find a run 2026; podfit history lists those there are'
  assert.throws(() => chosenRun([], '2026', () => true), { exit: 'error', message })
  assert.equal(
    chosenRun([], undefined, () => true),
    undefined,
  )
})
