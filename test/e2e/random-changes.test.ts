import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { after, afterEach, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { qosCgroupPath } from '../../src/domain/cgroup/names.ts'
import type { Pod, ResourceRequirements } from '../../src/domain/pod.ts'
import { amountsIn } from '../../src/domain/resize/admission/node-usage.ts'
import { isKubeError } from '../../src/kube/client/kube-error.ts'
import { pods } from '../../src/kube/object/resource.ts'
import { waitUntil } from '../support/wait-until.ts'
import { containerCgroup, expectCgroups, expectQosCgroups, podCgroup } from './expect-size.ts'
import { conditionOf, idle, isSettled, LiveNode, statusOf } from './live-node.ts'
import { PodModel } from './pod-model.ts'

let node: LiveNode
let model: PodModel
/** Mebibytes that the node has for pods. */
let memory: number

before(async () => {
  node = await LiveNode.start()
  const { allocatable } = (await node.node()).status
  model = new PodModel(allocatable)
  memory = Math.floor((amountsIn(allocatable)['memory'] ?? 0) / mebi)
})
after(() => node?.[Symbol.asyncDispose]())
afterEach((t) => {
  if ('passed' in t && !t.passed) t.diagnostic(node.podfit.lastLogged)
})

/** `npm run test:model` has many pods and takes its minutes. */
const howMany = Number(process.env['PODFIT_TEST_PODS'] ?? 5)
const minutes = Number(process.env['PODFIT_TEST_MINUTES'] ?? 0)
const names = Array.from({ length: howMany }, (_none, index) => `p${index}`)
const containers = ['app', 'side'] as const
const mebi = 1024 * 1024
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

/** All pods together want more than there is, so that some have to wait. */
function randomSize(below: Random): ResourceRequirements {
  const [cpu, bytes] = [5 + below(whole / howMany), 12 + below(memory / howMany)]
  return {
    requests: { cpu: `${cpu}m`, memory: `${bytes}Mi` },
    limits: { cpu: `${cpu + 300 + below(500)}m`, memory: `${bytes + 16 + below(50)}Mi` },
  }
}

async function create(name: string, below: Random): Promise<void> {
  const app = idle('app', randomSize(below))
  const side = { ...idle('side', randomSize(below)), resizePolicy: restarts }
  model.acknowledged(await node.create(name, { containers: [app, side] }))
}

async function resize(
  name: string,
  some: readonly (typeof containers)[number][],
  size: () => ResourceRequirements,
): Promise<void> {
  const pod = await node.resize(name, {
    containers: some.map((container) => ({ name: container, resources: size() })),
  })
  model.acknowledged(
    pod,
    some.filter((container) => container === 'side'),
  )
}

async function killContainer(name: string, below: Random): Promise<void> {
  const pod = await node.get(name)
  const container = containers[below(2)] ?? 'app'
  if (pod.status?.containerStatuses === undefined) return
  model.mayRestart(pod.metadata.uid, container)
  for (const pid of node.tree.processes(containerCgroup(node, pod, container))) {
    process.kill(pid, 'SIGKILL')
  }
}

async function change(below: Random): Promise<void> {
  const name = names[below(names.length)] ?? 'p0'
  const what = below(20)
  if (what === 0) return node.delete(name, below(3))
  if (what === 1) return killContainer(name, below)
  if (what < 4) return create(name, below)
  return resize(name, containers.slice(below(2)), () => randomSize(below))
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
  const until = performance.now() + minutes * 60_000
  let round = 0
  for (; round < 80 || performance.now() < until; round += 1) {
    const atOnce = 1 + below(Math.max(3, howMany / 4))
    const changes = Array.from({ length: atOnce }, () => change(below))
    for (const { reason } of (await Promise.allSettled(changes)).filter(isRejected)) {
      if (!mayHappen(reason)) throw reason
    }
    await sleep(below(80))
    if (round % 10 === 9) await expectAsAcknowledged()
  }
  t.diagnostic(`${round} rounds`)
  const { items } = await node.client.list(pods)
  const staying = items.filter(
    // A new pod loses against a resize that took its room meanwhile, in Kubernetes as well.
    ({ metadata, status }) =>
      metadata.deletionTimestamp === undefined && status?.phase !== 'Failed',
  )
  for (const { metadata } of staying) {
    await resize(metadata.name, containers, () => allWell)
  }
  for (const { metadata } of staying) await expectWell(metadata.name)
  await expectAsAcknowledged()
  await waitUntil('those that leave to be gone', leaving, isEmpty, { everyMs: 200 })
  await waitUntil('the QoS classes to be right', () => expectQosCgroups(node).then(() => true))
  // A pod that is deleted without grace leaves the API before the node.
  await waitUntil('nothing to stray', strays, isEmpty, { everyMs: 200 })
})

/** Those that the API is deleting, with what the node says of their containers. */
async function leaving(): Promise<readonly string[]> {
  const { items } = await node.client.list(pods)
  return items
    .filter(({ metadata }) => metadata.deletionTimestamp !== undefined)
    .map((pod) => {
      const states = pod.status?.containerStatuses?.map(({ state }) => JSON.stringify(state))
      return [pod.metadata.name, ...(states ?? []), ...processesOf(podCgroup(node, pod))].join(' ')
    })
}

/** When nobody asks for anything, everybody comes to what was asked for last, or waits for room. */
async function expectAsAcknowledged(): Promise<void> {
  const faults = async (): Promise<readonly string[]> =>
    model.faults(node, (await node.client.list(pods)).items)
  // Statuses are written one after the other, and a restart takes its time.
  await waitUntil('everything to be as was acknowledged', faults, isEmpty, { withinMs: 60_000 })
}

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

/** Every running pod has its cgroup, with one for each container and its sandbox: what is more or less. */
async function strays(): Promise<readonly string[]> {
  const { items } = await node.client.list(pods)
  const running = items.filter(({ status }) => status?.phase === 'Running')
  const expected = new Set(running.map((pod) => podCgroup(node, pod)))
  const found = new Set(node.tree.children(qosCgroupPath(node.cgroupRoot, 'Burstable', 'cgroupfs')))
  const known = items.map(({ metadata, status }) => `${metadata.uid} ${status?.phase}`).join(', ')
  return [
    ...[...expected.difference(found)].map((path) => `${path} is missing`),
    ...[...found.difference(expected)].map(
      (path) => `${path} is nobody's, with ${processesOf(path).join(' ')} (there are ${known})`,
    ),
    ...[...expected.intersection(found)]
      .map((path) => [path, ...node.tree.children(path)])
      .filter((paths) => paths.length !== 4)
      .map((paths) => `not 3 cgroups below ${paths.join(' ')}`),
  ]
}

/** Who is in a cgroup and below, by name and state. */
function processesOf(path: string): readonly string[] {
  return node.tree.processes(path, { recursive: true }).map((pid) => {
    const file = `/proc/${pid}/stat`
    const [words] = existsSync(file) ? [readFileSync(file, 'utf8').slice(0, 60)] : [`${pid}`]
    return `${node.tree.pathOfProcess(pid)}: ${words}`
  })
}

function isEmpty(all: readonly unknown[]): boolean {
  return all.length === 0
}
