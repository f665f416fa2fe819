import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { FakePodApi, runningPod, type FakeVersion } from '../../test/support/fake-pod-api.ts'
import {
  callPodfit,
  servePodApi,
  stateDirectory,
  writeKubeconfig,
} from '../../test/support/served-pod-api.ts'
import { willing } from '../../test/support/willing-node.ts'

const directory = stateDirectory()
const own = { requests: { cpu: '500m', memory: '128Mi' }, limits: { cpu: '1', memory: '256Mi' } }

/** A pod with a size of its own, or without one, whose container has none. */
async function served(version: FakeVersion = {}, hasOwn = true) {
  const pod = runningPod({})
  const { spec, status } = pod
  const api = new FakePodApi(
    {
      ...pod,
      spec: { ...spec, ...(hasOwn && { resources: own }) },
      status: { ...status, allocatedResources: own.requests, resources: own },
    },
    version,
  )
  willing(api)
  api.others.set('GET /apis/metrics.k8s.io/v1beta1/namespaces/default/pods', { items: [] })
  const carryOut = api.onPatched
  api.onPatched = (patched) => {
    carryOut(patched)
    const { requests, limits } = patched.spec.resources ?? {}
    const shown = { ...(requests && { requests }), ...(limits && { limits }) }
    api.setStatus({ ...(requests && { allocatedResources: requests }), resources: shown })
  }
  const { url, [Symbol.asyncDispose]: close } = await servePodApi(api)
  const state = join(directory, crypto.randomUUID())
  writeKubeconfig(`${state}.kubeconfig`, { one: url })
  const env = { XDG_STATE_HOME: state, KUBECONFIG: `${state}.kubeconfig` }
  const run = (...args: readonly string[]) => callPodfit([...args, '--source', 'machine'], env)
  const history = async () => JSON.parse((await callPodfit(['history', '-o', 'json'], env)).stdout)
  return { api, run, history, [Symbol.asyncDispose]: close }
}

test('podfit resize --pod-level changes the size of the pod itself, and undo brings it back', async () => {
  await using cluster = await served()
  const { api, run } = cluster
  const done = await run('resize', 'web', '--pod-level', '--cpu', 'x2', '--memory', ':512Mi')
  assert.equal(done.exit, 4, done.stderr)
  assert.match(done.stdout, /^done: the pod itself has cpu 1:1, memory 128Mi:512Mi after /)
  assert.match(done.stderr, /^pod web, the pod itself \(request:limit\)\n {2}cpu {4}500m:1 → 1:1\n/)
  assert.deepEqual(api.patches.at(-1), {
    spec: { resources: { requests: { cpu: '1' }, limits: { memory: '512Mi' } } },
  })
  const [{ items }] = (await cluster.history()).items
  assert.equal(items[0].podLevel, true)
  assert.equal(items[0].container, undefined)
  const back = await run('undo')
  assert.equal(back.exit, 4, back.stderr)
  assert.match(back.stderr, /\nweb +\(pod\) +1:1 → 500m:1 +128Mi:512Mi → 128Mi:256Mi /)
  assert.deepEqual(api.pod.spec.resources, own)
})

test('podfit says of a --pod-level resize what it is about, for programs, too', async () => {
  await using cluster = await served()
  const { stdout } = await cluster.run('plan', 'web', '--pod-level', '--cpu', '1:1', '-o', 'json')
  const { container, podLevel, after, files, largest } = JSON.parse(stdout)
  assert.deepEqual([container, podLevel], [undefined, true])
  assert.deepEqual(after, { ...own, requests: { cpu: '1', memory: '128Mi' } })
  assert.deepEqual(files.container, [])
  assert.deepEqual(largest, { cpu: 2000, memory: 2 ** 30 })
})

const dropped =
  /the API server \(Kubernetes 1\.36\) drops a change of the pod's own size: that takes 1\.36, or 1\.35 with the feature gate InPlacePodLevelResourcesVerticalScaling; -c NAME resizes a container instead/

test('a server that drops the size of a pod itself is seen before anything is sent', async () => {
  for (const version of [{}, { hasResize: false }]) {
    await using cluster = await served({ ...version, resizesPodLevel: false })
    const size = ['web', '--pod-level', '--cpu', '2:2']
    const plan = await cluster.run('plan', ...size)
    assert.equal(plan.exit, 3)
    assert.match(plan.stdout, dropped)
    const resize = await cluster.run('resize', ...size)
    assert.equal(resize.exit, 3)
    assert.match(resize.stderr, dropped)
    assert.match(resize.stderr, /; nothing was sent\n$/)
    assert.equal(cluster.api.pod.metadata.generation, 1)
    assert.deepEqual(await cluster.history(), {
      apiVersion: 'podfit.dev/v1',
      kind: 'RunList',
      items: [],
    })
  }
})

test('a difference needs a size of the pod itself; -c and --pod-level exclude each other', async () => {
  await using cluster = await served({}, false)
  const relative = await cluster.run('resize', 'web', '--pod-level', '--cpu', '+100m')
  assert.equal(relative.exit, 2)
  assert.match(
    relative.stderr,
    /there is no cpu request yet; give an amount such as 500m \(pod web, the pod itself\)/,
  )
  for (const verb of ['plan', 'resize']) {
    const both = await cluster.run(verb, 'web', '--pod-level', '-c', 'app', '--cpu', '1')
    assert.equal(both.exit, 2)
    assert.match(both.stderr, /a container and the pod itself at once: give -c or --pod-level\n$/)
  }
})

test('podfit plan -f --pod-level goes by the rules of the API server', async () => {
  const file = join(directory, `${crypto.randomUUID()}.json`)
  const { status: _status, ...pod } = runningPod({})
  writeFileSync(file, JSON.stringify({ ...pod, spec: { ...pod.spec, resources: own } }))
  const plan = async (...args: readonly string[]) =>
    callPodfit(['plan', '-f', file, '--pod-level', ...args], {})
  const taken = await plan('--cpu', '1:2', '--node-cpu', '4', '--node-memory', '1Gi')
  assert.equal(taken.exit, 0, taken.stdout)
  assert.match(taken.stdout, /\n {2}pod cgroup will say .*cpu\.max 200000 100000/)
  const refused = await plan('--cpu', '1:1', '--memory', '256Mi:256Mi')
  assert.equal(refused.exit, 3)
  assert.match(refused.stdout, /Pod QOS Class may not change/)
})
