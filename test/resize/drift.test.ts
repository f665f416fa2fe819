import assert from 'node:assert/strict'
import { existsSync, rmdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import type { PodSpec } from '../../src/domain/pod.ts'
import { waitUntil } from '../support/wait-until.ts'
import {
  cpuQuota,
  driftTold,
  isV2,
  mebi,
  memoryLimit,
  readCgroup,
  startNode,
  startPod,
  type TestNode,
} from './live-pod.ts'

const spec: PodSpec = {
  terminationGracePeriodSeconds: 1,
  containers: [
    {
      name: 'app',
      image: 'busybox',
      command: ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 1000 & wait; done'],
      resources: {
        requests: { cpu: '50m', memory: '16Mi' },
        limits: { cpu: '200m', memory: '64Mi' },
      },
      // Whoever puts a value back must not restart for it.
      resizePolicy: [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }],
    },
  ],
}

const withinMs = 30_000
const [quotaFile, memoryFile, weightFile] = isV2
  ? (['cpu.max', 'memory.max', 'cpu.weight'] as const)
  : (['cpu.cfs_quota_us', 'memory.limit_in_bytes', 'cpu.shares'] as const)

function write(controller: 'cpu' | 'memory', cgroup: string, file: string, text: string): void {
  writeFileSync(join('/sys/fs/cgroup', isV2 ? '' : controller, cgroup, file), text)
}

async function untilTold(node: TestNode, kind: 'Pod' | 'Node', text: RegExp): Promise<void> {
  const look = (): Promise<readonly string[]> => driftTold(node, kind)
  const holds = (all: readonly string[]): boolean => all.some((one) => text.test(one))
  await waitUntil(`an event that says ${text}`, look, holds, { withinMs, everyMs: 500 })
}

test('a value that somebody changes is told and put back: container, pod, class', async () => {
  await using node = await startNode()
  const live = await startPod(node, 'drifting', spec)
  const [pod, app] = [await live.cgroup(), await live.containerCgroup('app')]
  const burstable = dirname(pod)
  // It asks for no CPU, so the weight of its class stays.
  const resources = { requests: { memory: '16Mi' } }
  const containers = spec.containers.map((one) => ({ ...one, resources }))
  const free = await startPod(node, 'free', { ...spec, containers })
  const [freePod, freeApp] = [await free.cgroup(), await free.containerCgroup('app')]
  const noQuota = readCgroup('cpu', freeApp, quotaFile)
  const noLimit = memoryLimit(freePod)
  const weight = readCgroup('cpu', burstable, weightFile)
  write('cpu', app, quotaFile, isV2 ? '12000 100000' : '12000')
  write('memory', pod, memoryFile, String(128 * mebi))
  // On v1 the limit of memory and swap together, which the runtime sets, is in the way upwards.
  const odd = (isV2 ? 96 : 48) * mebi
  write('memory', app, memoryFile, String(odd))
  write('cpu', burstable, weightFile, '77')
  if (isV2) write('memory', app, 'memory.oom.group', '0')
  write('memory', freePod, memoryFile, String(128 * mebi))
  write('cpu', freeApp, quotaFile, isV2 ? '12000 100000' : '12000')
  const bestEffort = join('/sys/fs/cgroup', isV2 ? '' : 'cpu', dirname(burstable), 'besteffort')
  rmdirSync(bestEffort)
  const wanted = [20_000, 64 * mebi, 64 * mebi, weight, '1', noLimit, noQuota]
  await waitUntil(
    'all to be put back',
    () => [
      cpuQuota(app),
      memoryLimit(app),
      memoryLimit(pod),
      readCgroup('cpu', burstable, weightFile),
      isV2 ? readCgroup('memory', app, 'memory.oom.group') : '1',
      memoryLimit(freePod),
      readCgroup('cpu', freeApp, quotaFile),
    ],
    (seen) => isDeepStrictEqual(seen, wanted),
    { withinMs, everyMs: 200 },
  )
  // The node may look between two of these writes, and then tells of them one after the other.
  for (const part of [
    /^Somebody changed the cgroup of container app: .* is "12000( 100000)?", not "20000( 100000)?"; .*it is put back$/,
    /container app: .*memory\S+ is "(100663296|50331648)", not "67108864"; .*it is put back$/,
    ...(isV2 ? [/container app: .*memory.oom.group is "0", not "1"; it is put back$/] : []),
  ]) {
    await untilTold(node, 'Pod', part)
  }
  await untilTold(
    node,
    'Pod',
    /of the pod: memory\S+ is "134217728", not "67108864"; it is put back$/,
  )
  // Of the pod without limits, which on v1 are -1 and the largest number of pages.
  await untilTold(node, 'Pod', /of container app: cpu\S+ is "12000( 100000)?", not "(max|-1)/)
  await untilTold(node, 'Pod', /of the pod: memory\S+ is "134217728", not "(max|-1|9\d{18})"/)
  await untilTold(node, 'Node', /^Somebody removed the cgroup \S+\/besteffort; it is put back$/)
  assert.ok(existsSync(bestEffort))
  await untilTold(node, 'Node', /burstable: cpu\.\w+ is "77", not "\d+"; it is put back$/)
  assert.equal((await live.status('app')).restartCount, 0)
  // What the node itself does is no drift.
  const before = await driftTold(node, 'Pod')
  const larger = { requests: { cpu: '60m' }, limits: { cpu: '300m' } }
  await live.resize({ containers: [{ name: 'app', resources: larger }] })
  await live.settled()
  assert.deepEqual(await driftTold(node, 'Pod'), before)
})

test('with --on-drift report it is told, and stays', async () => {
  await using node = await startNode({ args: ['--on-drift', 'report'] })
  const live = await startPod(node, 'drifting', spec)
  const app = await live.containerCgroup('app')
  write('cpu', app, quotaFile, isV2 ? '12000 100000' : '12000')
  await untilTold(node, 'Pod', /is "12000( 100000)?", not "20000( 100000)?"; it stays so/)
  assert.equal(cpuQuota(app), 12_000)
})
