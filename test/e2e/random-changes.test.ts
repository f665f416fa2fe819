import assert from 'node:assert/strict'
import { cpus } from 'node:os'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { qosCgroupPath } from '../../src/domain/cgroup/names.ts'
import type { Pod, ResourceRequirements } from '../../src/domain/pod.ts'
import { isKubeError } from '../../src/kube/kube-error.ts'
import { pods } from '../../src/kube/resource.ts'
import { waitUntil } from '../support/wait-until.ts'
import { containerCgroup, expectCgroups, expectQosCgroups, podCgroup } from './expect-size.ts'
import { conditionOf, idle, isSettled, LiveNode, statusOf } from './live-node.ts'

let node: LiveNode

before(async () => {
  node = await LiveNode.start()
})
after(() => node?.[Symbol.asyncDispose]())

const names = ['a', 'b', 'c', 'd', 'e']
const containers = ['app', 'side'] as const
const whole = cpus().length * 1000
const restarts = [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }]

/** Numbers below a bound, the same again from the same seed. */
function randomBelow(seed: number): (bound: number) => number {
  let state = seed
  return (bound) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((state / 2_147_483_648) * bound)
  }
}

type Random = ReturnType<typeof randomBelow>

/** All pods together want more CPU than there is, so that some have to wait. */
function randomSize(below: Random): ResourceRequirements {
  const [cpu, memory] = [5 + below(whole / 5), 12 + below(20)]
  return {
    requests: { cpu: `${cpu}m`, memory: `${memory}Mi` },
    limits: { cpu: `${cpu + 300 + below(500)}m`, memory: `${memory + 16 + below(50)}Mi` },
  }
}

function create(name: string, below: Random): Promise<Pod> {
  const app = idle('app', randomSize(below))
  const side = { ...idle('side', randomSize(below)), resizePolicy: restarts }
  return node.create(name, { containers: [app, side] })
}

async function killContainer(name: string, below: Random): Promise<void> {
  const pod = await node.get(name)
  const container = containers[below(2)] ?? 'app'
  if (pod.status?.containerStatuses === undefined) return
  for (const pid of node.tree.processes(containerCgroup(node, pod, container))) {
    process.kill(pid, 'SIGKILL')
  }
}

async function change(below: Random): Promise<void> {
  const name = names[below(names.length)] ?? 'a'
  const what = below(20)
  if (what === 0) return node.delete(name, below(3))
  if (what === 1) return killContainer(name, below)
  if (what < 4) return void (await create(name, below))
  const some = containers.slice(below(2))
  await node.resize(name, {
    containers: some.map((container) => ({ name: container, resources: randomSize(below) })),
  })
}

/** What may happen when nobody knows who is there: a pod that exists or not, a process that has ended. */
function mayHappen(error: unknown): boolean {
  if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return true
  return isKubeError(error, 'NotFound') || isKubeError(error, 'AlreadyExists')
}

const allWell = {
  requests: { cpu: '6m', memory: '8Mi' },
  limits: { cpu: '600m', memory: '80Mi' },
}

test('after resizes, crashes and deletions at random everything is as the API says', async (t) => {
  const seed = Number(process.env['PODFIT_TEST_SEED'] ?? Date.now() % 1_000_000)
  t.diagnostic(`PODFIT_TEST_SEED=${seed}`)
  const below = randomBelow(seed)
  await Promise.all(names.map((name) => create(name, below)))
  for (let round = 0; round < 80; round += 1) {
    const changes = Array.from({ length: 1 + below(3) }, () => change(below))
    for (const { reason } of (await Promise.allSettled(changes)).filter(isRejected)) {
      if (!mayHappen(reason)) throw reason
    }
    await sleep(below(80))
  }
  const { items } = await node.client.list(pods)
  const staying = items.filter(
    // A new pod loses against a resize that took its room meanwhile, in Kubernetes as well.
    ({ metadata, status }) =>
      metadata.deletionTimestamp === undefined && status?.phase !== 'Failed',
  )
  for (const { metadata } of staying) {
    await node.resize(metadata.name, {
      containers: containers.map((name) => ({ name, resources: allWell })),
    })
  }
  for (const { metadata } of staying) await expectWell(metadata.name)
  await waitUntil('those that leave to be gone', async () => {
    const left = await node.client.list(pods)
    return left.items.every(({ metadata }) => metadata.deletionTimestamp === undefined)
  })
  await waitUntil('the QoS classes to be right', () => expectQosCgroups(node).then(() => true))
  await expectNoStrays()
})

function isRejected(result: PromiseSettledResult<unknown>): result is PromiseRejectedResult {
  return result.status === 'rejected'
}

async function expectWell(name: string): Promise<void> {
  // One that was killed twice may have to wait before it starts again.
  const options = { withinMs: 40_000 }
  const ready = (pod: Pod): boolean => conditionOf(pod, 'Ready')?.status === 'True'
  const over = (pod: Pod): boolean => pod.status?.phase === 'Failed'
  const look = (pod: Pod): boolean => over(pod) || (isSettled(pod) && ready(pod))
  const pod = await node.until(name, 'be well', look, options)
  if (over(pod)) return assert.match(pod.status?.reason ?? '', /^OutOf(cpu|memory)$/)
  expectCgroups(node, pod)
  for (const container of containers) {
    assert.deepEqual(statusOf(pod, container).resources, allWell)
    assert.deepEqual(statusOf(pod, container).allocatedResources, allWell.requests)
  }
}

/** Every pod has its cgroup, with one for each container and its sandbox, and nobody else has one. */
async function expectNoStrays(): Promise<void> {
  const { items } = await node.client.list(pods)
  const running = items.filter(({ status }) => status?.phase === 'Running')
  const expected = running.map((pod) => podCgroup(node, pod)).sort()
  const parent = qosCgroupPath(node.cgroupRoot, 'Burstable', 'cgroupfs')
  assert.deepEqual(node.tree.children(parent), expected)
  for (const path of expected) assert.equal(node.tree.children(path).length, 3, path)
}
