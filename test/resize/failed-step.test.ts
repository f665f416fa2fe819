import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { waitUntil } from '../support/wait-until.ts'
import { cpuQuota, mebi, memoryLimit, startNode, startPod, type TestNode } from './live-pod.ts'
import { complaint, WatchedRunc } from './watched-runc.ts'

let node: TestNode
let runc: WatchedRunc

before(async () => {
  runc = new WatchedRunc()
  node = await startNode({ env: { PATH: `${runc.directory}:${process.env['PATH']}` } })
})
after(async () => {
  await node[Symbol.asyncDispose]()
  runc[Symbol.dispose]()
})

const names = ['one', 'two', 'three']
const command = ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 1000 & wait; done']

function containers(cpu: string, memory: string) {
  const resources = { requests: { cpu: '10m', memory: '16Mi' }, limits: { cpu, memory } }
  return names.map((name) => ({ name, resources }))
}

test('of three containers the third fails halfway: told who has what, its files go back', async () => {
  const pod = await startPod(node, 'half', {
    containers: containers('100m', '32Mi').map((one) => ({ ...one, image: 'busybox', command })),
  })
  const [one = '', two = '', three = ''] = await Promise.all(
    names.map((name) => pod.containerCgroup(name)),
  )
  runc.mode = `fail ${three.slice(three.lastIndexOf('/') + 1)}`
  await pod.resize({ containers: containers('200m', '64Mi') })
  const told = await waitUntil(
    'the failure to be told',
    () => pod.condition('PodResizeInProgress'),
    (condition) => condition?.reason === 'Error',
  )
  assert.match(told?.message ?? '', new RegExp(complaint))
  assert.match(told?.message ?? '', /; resized already: "one", "two", not yet: "three"$/)
  for (const cgroup of [one, two]) {
    assert.deepEqual([cpuQuota(cgroup), memoryLimit(cgroup)], [20_000, 64 * mebi])
  }
  // The runtime has written it before it failed.
  assert.deepEqual([cpuQuota(three), memoryLimit(three)], [10_000, 32 * mebi])
  runc.mode = 'do'
  await pod.settled()
  assert.deepEqual([cpuQuota(three), memoryLimit(three)], [20_000, 64 * mebi])
  const { status } = await pod.get()
  assert.deepEqual(
    status?.containerStatuses?.map(({ restartCount }) => restartCount),
    [0, 0, 0],
  )
})
