import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { hasCapability } from '../../src/containerd/machine/capability.ts'
import type { ResourceRequirements } from '../../src/domain/pod.ts'
import { oomScoreType } from '../../src/domain/resize/reporting/oom-score-condition.ts'
import { waitUntil } from '../support/wait-until.ts'
import { type LivePod, readCgroup, startNode, startPod, type TestNode } from './live-pod.ts'

let node: TestNode

before(async () => (node = await startNode()))
after(() => node[Symbol.asyncDispose]())

function size(request: string): ResourceRequirements {
  return { requests: { cpu: '20m', memory: request }, limits: { cpu: '200m', memory: '900Mi' } }
}

const ask = (pod: LivePod, request: string) =>
  pod.resize({ containers: [{ name: 'app', resources: size(request) }] })

function scoreOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8'))
}

/** What Kubernetes gives to a Burstable container, worked out here once more. */
function expected(requestMebi: number): number {
  const kibi = /^MemTotal:\s+(?<kibi>\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))
  const memory = BigInt(kibi?.groups?.['kibi'] ?? 1) * 1024n
  const score = 1000n - (1000n * BigInt(requestMebi) * 1024n * 1024n) / memory
  return Math.min(Math.max(Number(score), 3), 999)
}

test('the processes follow the memory request, but for one that chose its own score', async () => {
  // The second process has made itself the first to go.
  const script = '(echo 1000 >/proc/self/oom_score_adj; exec sleep 100000) & exec sleep 100000'
  const pod = await startPod(node, 'scores', {
    containers: [
      { name: 'app', image: 'busybox', command: ['sh', '-c', script], resources: size('800Mi') },
    ],
  })
  const cgroup = await pod.containerCgroup('app')
  const pids = () => readCgroup('memory', cgroup, 'cgroup.procs').split('\n').map(Number)
  const scores = () =>
    pids()
      .map(scoreOf)
      .toSorted((a, b) => a - b)
  await waitUntil('both processes', scores, (all) => all[0] !== all[1] && all.length === 2)
  assert.deepEqual(scores(), [expected(800), 1000])
  const { containerID } = await pod.status('app')
  for (const request of [200, 600]) {
    await ask(pod, `${request}Mi`)
    await pod.settled()
    assert.deepEqual(scores(), [expected(request), 1000])
  }
  assert.equal((await pod.status('app')).containerID, containerID)
})

test('a sidecar follows the container that it serves, and all what the pod asks for', async () => {
  const image = { image: 'busybox', command: ['sleep', '100000'] }
  const side = { name: 'side', ...image, restartPolicy: 'Always', resources: size('16Mi') }
  const pod = await startPod(node, 'served', {
    resources: { requests: { memory: '816Mi' } },
    initContainers: [side],
    containers: [{ name: 'app', ...image, resources: size('800Mi') }],
  })
  const scores = async (): Promise<readonly number[]> => {
    const cgroups = [await pod.containerCgroup('side'), await pod.containerCgroup('app')]
    return cgroups.map((one) => scoreOf(Number(readCgroup('memory', one, 'cgroup.procs'))))
  }
  assert.deepEqual(await scores(), [expected(800), expected(800)])
  await ask(pod, '200Mi')
  await pod.settled()
  // The pod asks for 600 MiB beyond what they do, a half for each.
  assert.deepEqual(await scores(), [expected(500), expected(500)])
  await pod.resize({ resources: { requests: { memory: '416Mi' } } })
  await pod.settled()
  assert.deepEqual(await scores(), [expected(300), expected(300)])
})

test(
  'where a score may not go down, the status says which one holds, and why',
  { skip: !hasCapability('CAP_SYS_RESOURCE') && 'needs CAP_SYS_RESOURCE, to go without it' },
  async () => {
    // The runtime has that capability: the kernel takes what it gives for the least.
    const pod = await startPod(node, 'kept', {
      containers: [
        {
          name: 'app',
          image: 'busybox',
          command: ['sleep', '100000'],
          resources: size('200Mi'),
        },
      ],
    })
    const first = Number(readCgroup('memory', await pod.containerCgroup('app'), 'cgroup.procs'))
    await node.podfit.stop()
    await node.startAgain(['setpriv', '--bounding-set', '-sys_resource'])
    await ask(pod, '600Mi')
    await pod.settled()
    assert.equal(scoreOf(first), expected(200))
    const { status, reason, message } = (await pod.condition(oomScoreType)) ?? {}
    assert.deepEqual(
      { status, reason, message },
      {
        status: 'True',
        reason: 'NotPermitted',
        message: `container "app" keeps oom_score_adj ${expected(200)} instead of ${expected(600)} until it starts again, because lowering it needs CAP_SYS_RESOURCE`,
      },
    )
    // Up is allowed, and then there is nothing to tell any more.
    await ask(pod, '100Mi')
    await pod.settled()
    assert.equal(scoreOf(first), expected(100))
    assert.equal(await pod.condition(oomScoreType), undefined)
  },
)
