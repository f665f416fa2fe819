import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Pod } from '../../src/domain/pod.ts'
import { pods } from '../../src/kube/object/resource.ts'
import { isV2, mebi, memoryUsage, oomKills, readCgroup } from '../resize/live-pod.ts'
import { waitUntil } from '../support/wait-until.ts'
import { type CrashPoint, CrashTable } from './crash-table.ts'
import { FaultyPodfit } from './faulty-podfit.ts'
import { containerIds, getPod, podCgroup, restartsOf, untilRight } from './find-faults.ts'
import { resizePatch, small, testPod, type TestSize } from './sized-pod.ts'

/** Less than the kernel can get the container down to; what it could not reach just now is not tried again. */
const tight = [7, 8].map((memory): TestSize => ({ cpu: [100, 200], memory: [memory, memory] }))

/** Names and inodes of files in memory belong to the kernel: no page that can be reclaimed. */
const fill = `mkdir /dev/shm/many && cd /dev/shm/many && seq 16000 | xargs touch
trap "exit 0" TERM; while :; do sleep 1000 & wait; done`

let faulty: FaultyPodfit
let table: CrashTable
let cgroup: string
let tries = 0

before(async () => {
  faulty = await FaultyPodfit.start()
  table = new CrashTable(faulty)
  const command = ['sh', '-c', fill]
  await faulty.client.create(pods, testPod('full', [{ name: 'app', size: small, command }]))
  const pod = await untilRight(faulty, 'full')
  cgroup = `${podCgroup(pod, faulty.cgroup)}/${containerIds(pod).get('app')}`
  await waitUntil('the files to be there', () => memoryUsage(cgroup) > 10 * mebi)
})
after(() => faulty[Symbol.asyncDispose]())

test('kill -9 at each step of a memory limit that cannot go down, and is taken back', async (t) => {
  const points = await table.pointsOf('tighter', tighten, /(limit|reclaim|held|released).*:1$/)
  await table.crashAtEach(t, points, crashInShrink)
})

/** On v2 processes are held down for a while; on v1 the kernel says no at once. */
async function tighten(): Promise<void> {
  await resize(tight[(tries += 1) % tight.length] ?? small)
  await waitUntil('the limit to be in the way', async () => isHeldDown() || isTold(await full()))
  await resize(small)
  await untilRight(faulty, 'full')
}

async function crashInShrink(point: CrashPoint): Promise<boolean> {
  const died = await table.crashed(point, tighten)
  if (died) await resize(small)
  const pod = await untilRight(faulty, 'full')
  assert.ok(!isHeldDown(), 'a soft limit was left behind')
  assert.equal(oomKills(cgroup), 0)
  assert.equal(restartsOf(pod, 'app'), 0)
  return died
}

function isHeldDown(): boolean {
  return isV2 && readCgroup('memory', cgroup, 'memory.high') !== 'max'
}

function isTold({ status }: Pod): boolean {
  return (status?.conditions ?? []).some(({ reason }) => reason === 'Error')
}

function full(): Promise<Pod> {
  return getPod(faulty, 'full')
}

async function resize(size: TestSize): Promise<void> {
  const address = { namespace: 'default', name: 'full', subresource: 'resize' }
  const body = resizePatch({ app: size })
  table.see(await faulty.client.patch(pods, address, { type: 'strategic', body }))
}
