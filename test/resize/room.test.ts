import assert from 'node:assert/strict'
import { cpus } from 'node:os'
import { after, before, test } from 'node:test'
import type { PodSpec } from '../../src/domain/pod.ts'
import { waitUntil } from '../support/wait-until.ts'
import { type LivePod, startNode, startPod, type TestNode } from './live-pod.ts'

/** Millicores of this machine: all of them are for pods. */
const machine = cpus().length * 1000

let node: TestNode

before(async () => (node = await startNode()))
after(() => node[Symbol.asyncDispose]())

const idle = 'trap "exit 0" TERM; while :; do sleep 1000 & wait; done'

function pod(cpu: number, more: Partial<PodSpec> = {}): PodSpec {
  const resources = { requests: { cpu: `${cpu}m` } }
  return {
    containers: [{ name: 'app', image: 'busybox', command: ['sh', '-c', idle], resources }],
    ...more,
  }
}

const toCpu = (cpu: number) => ({
  containers: [{ name: 'app', resources: { requests: { cpu: `${cpu}m` } } }],
})

async function deferred(live: LivePod): Promise<void> {
  await waitUntil(
    'the resize to be deferred',
    () => live.condition('PodResizePending'),
    (one) => one?.reason === 'Deferred',
    { everyMs: 50 },
  )
}

test('a pod that shrinks makes room for one that waits, at once', async () => {
  const giver = await startPod(node, 'giver', pod(machine * 0.5))
  const taker = await startPod(node, 'taker', pod(machine * 0.25))
  await taker.resize(toCpu(machine * 0.75))
  await deferred(taker)
  await giver.resize(toCpu(machine * 0.1))
  const { status } = await taker.settled()
  assert.equal(status?.containerStatuses?.[0]?.restartCount, 0)
  const metrics = await node.kubectl.run(['get', '--raw', '/metrics'])
  assert.match(metrics, /accepted_resizes_total\{retry_trigger="pod_resized"\} 1/)
  await node.remove('giver', 'taker')
})

test('so does one that is deleted', async () => {
  await startPod(node, 'goer', pod(machine * 0.5))
  const taker = await startPod(node, 'heir', pod(machine * 0.25))
  await taker.resize(toCpu(machine * 0.75))
  await deferred(taker)
  await node.remove('goer')
  await taker.settled()
  await node.remove('heir')
})

test('a critical pod gets the room of lesser ones for its resize', async () => {
  const priorityClassName = 'system-node-critical'
  const { containers } = pod(machine * 0.5)
  const lifecycle = { preStop: { exec: { command: ['no-such-program'] } } }
  const hooked = containers.map((one) => ({ ...one, lifecycle }))
  // The hook has the pod's grace to fail in.
  const patient = { containers: hooked, terminationGracePeriodSeconds: 30 }
  const lesser = await startPod(node, 'lesser', patient)
  const small = await startPod(node, 'small', pod(machine * 0.1))
  const critical = await startPod(node, 'critical', pod(machine * 0.25, { priorityClassName }))
  await critical.resize(toCpu(machine * 0.8))
  await critical.settled()
  // A kubelet waits for the others within the admission: nobody is told that it has to wait.
  assert.deepEqual(await node.events('critical', 'ResizeDeferred'), [])
  const { status } = await waitUntil(
    'the lesser pod to have ended',
    () => lesser.get(),
    (one) => one.status?.phase === 'Failed',
    { everyMs: 100 },
  )
  assert.equal(status?.reason, 'Preempting')
  assert.equal(status?.message, 'Preempted in order to admit critical pod')
  const condition = status?.conditions?.find(({ type }) => type === 'DisruptionTarget')
  assert.deepEqual([condition?.status, condition?.reason], ['True', 'TerminationByKubelet'])
  assert.equal((await small.get()).status?.phase, 'Running')
  await node.told('lesser', 'Preempting', 'Preempted in order to admit critical pod')
  await node.told('lesser', 'Killing', 'Stopping container app')
  const [hook] = await waitUntil(
    'the event of the hook',
    () => node.events('lesser', 'FailedPreStopHook'),
    ({ length }) => length > 0,
  )
  assert.match(hook?.message ?? '', /no-such-program/)
  await node.remove('lesser', 'small', 'critical')
})
