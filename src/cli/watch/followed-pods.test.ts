import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakePodApi, runningPod } from '../../../test/support/fake-pod-api.ts'
import { waitUntil } from '../../../test/support/wait-until.ts'
import { createKubeClient } from '../../kube/client/client.ts'
import { followPods } from './followed-pods.ts'
import { kubePodClient } from '../cluster/kube-pod-client.ts'

const small = { requests: { cpu: '250m' } }
const large = { requests: { cpu: '500m' } }

function follow(names: readonly string[]) {
  const api = new FakePodApi(names.map((name) => runningPod(small, {}, name)))
  let isDown = false
  const client = createKubeClient({
    server: 'http://api',
    fetch: (request) =>
      isDown ? Promise.reject(new Error('connection refused')) : api.fetch(request),
  })
  const stop = new AbortController()
  const cluster = { client, pods: kubePodClient(client), namespace: 'default' }
  const pods = followPods(cluster, { kind: 'named', names }, stop.signal)
  const gets = () => api.requests.filter((one) => /GET \S+\/pods\/\w+$/.test(one)).length
  return { api, pods, stop, gets, down: (value: boolean) => (isDown = value) }
}

test('followPods() is told of changes, and asks no more once it is', async () => {
  const { api, pods, stop, gets } = follow(['web'])
  await waitUntil('the watch', () => api.watches > 0)
  await pods.now()
  const before = gets()
  const changed = pods.untilChanged(stop.signal)
  api.set(runningPod(large))
  await changed
  const [pod] = await pods.now()
  assert.deepEqual(pod?.spec.containers[0]?.resources, large)
  const ref = { namespace: 'default', name: 'web' }
  assert.equal((await pods.read(ref, stop.signal)).kind, 'pod')
  assert.equal(gets(), before)
  stop.abort()
})

test('followPods() says that a pod is gone, and finds the one that is made anew', async () => {
  const { api, pods, stop } = follow(['web'])
  await waitUntil('the watch', () => api.watches > 0)
  api.delete()
  await waitUntil('the pod to be gone', () =>
    pods.now().then(
      () => false,
      (error: Error) => error.message.includes('there is no pod web'),
    ),
  )
  api.set(runningPod(large))
  assert.equal((await pods.now()).length, 1)
  stop.abort()
})

test('followPods() says that the server does not answer, and goes on when it does', async () => {
  const { api, pods, stop, down } = follow(['web'])
  await waitUntil('the watch', () => api.watches > 0)
  assert.equal((await pods.now()).length, 1)
  down(true)
  api.cutWatches()
  await waitUntil('the failure', () =>
    pods.now().then(
      () => false,
      () => true,
    ),
  )
  down(false)
  api.set(runningPod(large))
  await waitUntil('the newest pod', async () => {
    const [pod] = await pods.now()
    return pod?.spec.containers[0]?.resources?.requests?.['cpu'] === '500m'
  })
  stop.abort()
})
