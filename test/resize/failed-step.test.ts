import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { PodCondition } from '../../src/domain/pod.ts'
import { idle } from '../e2e/live-node.ts'
import { waitUntil } from '../support/wait-until.ts'
import {
  cpuQuota,
  type LivePod,
  mebi,
  memoryLimit,
  startNode,
  startPod,
  type TestNode,
} from './live-pod.ts'
import { complaint, WatchedRunc } from './watched-runc.ts'

let node: TestNode
let runc: WatchedRunc
let crashAt: string
let pod: LivePod
let cgroups: readonly string[]

const names = ['one', 'two', 'three']

before(async () => {
  runc = new WatchedRunc()
  crashAt = join(runc.directory, 'crash-at')
  const PATH = `${runc.directory}:${process.env['PATH']}`
  node = await startNode({ env: { PATH, PODFIT_CRASH_AT: `@${crashAt}` } })
  pod = await startPod(node, 'half', {
    containers: containers('100m', '32Mi').map(({ name, resources }) => idle(name, resources)),
  })
  const each = await Promise.all(names.map((name) => pod.containerCgroup(name)))
  cgroups = [...each, await pod.cgroup()]
  const three = each[2] ?? ''
  runc.mode = `fail ${three.slice(three.lastIndexOf('/') + 1)}`
})
after(async () => {
  await node[Symbol.asyncDispose]()
  runc[Symbol.dispose]()
})

function containers(cpu: string, memory: string) {
  const resources = { requests: { cpu: '10m', memory: '16Mi' }, limits: { cpu, memory } }
  return names.map((name) => ({ name, resources }))
}

test('of three containers the third fails: told who has what, and if it fails again all go back', async () => {
  await pod.resize({ containers: containers('200m', '64Mi') })
  await untilTakenBack()
  const halfDone = new RegExp(
    `${complaint}.*; resized already: .*"one.*", .*"two.*", not yet: .*"three`,
  )
  await waitUntil(
    'it to be told',
    () => node.events('half', 'ResizeError'),
    (all) => all.some(({ message }) => halfDone.test(message)),
  )
  await untilSizes(10_000, 32)
})

test('kill -9 in the middle of going back leaves nothing half done', async () => {
  // Two are given the new size, the third fails, one has gone back.
  writeFileSync(crashAt, 'node.update.before:5')
  await waitUntil('podfit to die', () => !node.podfit.running, Boolean, { withinMs: 60_000 })
  rmSync(crashAt)
  await node.startAgain()
  await untilTakenBack()
  await untilSizes(10_000, 32)
})

test('it is tried again as a whole', async () => {
  runc.mode = 'do'
  await pod.settled()
  await untilSizes(20_000, 64)
  const { status } = await pod.get()
  assert.deepEqual(
    status?.containerStatuses?.map(({ restartCount }) => restartCount),
    [0, 0, 0],
  )
})

function untilTakenBack(): Promise<PodCondition | undefined> {
  const text = '; the old size was given back to "one", "two", and'
  return waitUntil(
    'the resize to be taken back',
    () => pod.condition('PodResizeInProgress'),
    (condition) => condition?.reason === 'Error' && condition.message?.includes(text) === true,
    { withinMs: 30_000 },
  )
}

/** Quota and mebibytes of each container; the pod has three times that. It may be tried again just now. */
async function untilSizes(quota: number, mebibytes: number): Promise<void> {
  const expected = [1, 1, 1, 3].map((times) => [quota * times, mebibytes * times * mebi])
  await waitUntil(
    `sizes ${JSON.stringify(expected)}`,
    () => cgroups.map((cgroup) => [cpuQuota(cgroup), memoryLimit(cgroup)]),
    (found) => JSON.stringify(found) === JSON.stringify(expected),
  )
}
