import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import type { PodSpec, ResourceRequirements } from '../../src/domain/pod.ts'
import { waitUntil } from '../support/wait-until.ts'
import {
  driftTold,
  isV2,
  mebi,
  readCgroup,
  startNode,
  startPod,
  type TestNode,
} from './live-pod.ts'

const idle = 'trap "exit 0" TERM; while :; do sleep 1000 & wait; done'

function pod(resources: ResourceRequirements): PodSpec {
  return {
    containers: [{ name: 'app', image: 'busybox', command: ['sh', '-c', idle], resources }],
  }
}

const burstable = (request: number, limit: number): ResourceRequirements => ({
  requests: { cpu: '20m', memory: `${request}Mi` },
  limits: { cpu: '200m', memory: `${limit}Mi` },
})

/** Nine tenths of the way from request to limit, in whole pages. */
const high = (request: number, limit: number) =>
  Math.floor(((request + 0.9 * (limit - request)) * mebi) / 4096) * 4096

function memory(cgroup: string, ...files: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    files.map((file) => [file, readCgroup('memory', cgroup, `memory.${file}`)]),
  )
}

describe('podfit up --memory-qos', { skip: !isV2 && 'cgroup v2 only' }, () => {
  let node: TestNode

  before(async () => (node = await startNode({ args: ['--memory-qos'] })))
  after(() => node[Symbol.asyncDispose]())

  test('protection and throttling at every level, before and after resizes', async () => {
    const live = await startPod(node, 'soft', pod(burstable(32, 64)))
    const [whole, own] = [await live.cgroup(), await live.containerCgroup('app')]
    const aboveIt = whole.replace(/\/pod[^/]*$/, '')
    const root = aboveIt.replace(/\/burstable$/, '')
    assert.deepEqual(memory(own, 'min', 'low', 'high', 'oom.group'), {
      min: '0',
      low: String(32 * mebi),
      high: String(high(32, 64)),
      'oom.group': '1',
    })
    assert.deepEqual(memory(whole, 'min', 'low'), { min: '0', low: String(32 * mebi) })
    assert.equal(readCgroup('memory', aboveIt, 'memory.low'), String(32 * mebi))

    const guaranteed = { cpu: '50m', memory: '48Mi' }
    const hard = await startPod(node, 'hard', pod({ requests: guaranteed, limits: guaranteed }))
    assert.deepEqual(memory(await hard.containerCgroup('app'), 'min', 'low', 'high'), {
      min: String(48 * mebi),
      low: '0',
      high: 'max',
    })
    assert.equal(readCgroup('memory', await hard.cgroup(), 'memory.min'), String(48 * mebi))
    assert.equal(readCgroup('memory', root, 'memory.min'), String(80 * mebi))

    const metrics = await node.kubectl.run(['get', '--raw', '/metrics'])
    assert.match(
      metrics,
      new RegExp(`^kubelet_memory_qos_node_memory_min_bytes ${48 * mebi}$`, 'm'),
    )
    assert.match(
      metrics,
      new RegExp(`^kubelet_memory_qos_node_memory_low_bytes ${32 * mebi}$`, 'm'),
    )

    await live.resize({ containers: [{ name: 'app', resources: burstable(64, 128) }] })
    await live.settled()
    assert.deepEqual(memory(own, 'low', 'high', 'max'), {
      low: String(64 * mebi),
      high: String(high(64, 128)),
      max: String(128 * mebi),
    })
    assert.equal(readCgroup('memory', whole, 'memory.low'), String(64 * mebi))
    assert.equal(readCgroup('memory', aboveIt, 'memory.low'), String(64 * mebi))
    assert.equal(readCgroup('memory', root, 'memory.min'), String(112 * mebi))

    // CPU alone: the runtime writes its whole spec again, and this must be in it.
    await live.resize({
      containers: [{ name: 'app', resources: { limits: { cpu: '300m' } } }],
    })
    await live.settled()
    assert.deepEqual(memory(own, 'low', 'high', 'oom.group'), {
      low: String(64 * mebi),
      high: String(high(64, 128)),
      'oom.group': '1',
    })
    await live.resize({ containers: [{ name: 'app', resources: burstable(128, 128) }] })
    await live.settled()
    assert.deepEqual(memory(own, 'low', 'high'), { low: String(128 * mebi), high: 'max' })

    const verify = async () => {
      const args = ['verify', 'soft', 'hard', '--timeout', '0', '-o', 'json']
      const { code, stdout } = await node.podfit.podfit(args)
      type Report = { findings: readonly { code: string; upstream?: readonly string[] }[] }
      const { items } = JSON.parse(stdout) as { items: readonly Report[] }
      const findings = items.flatMap((one) => one.findings)
      return [code, ...findings.map((one) => [one.code, one.upstream?.join()].join(' '))]
    }
    assert.deepEqual(await verify(), [0])
    // What a kubelet leaves behind that goes to request = limit; the node puts it back in seconds.
    const leave = () => {
      writeFileSync(`/sys/fs/cgroup${own}/memory.high`, `${high(64, 128)}`)
      return verify()
    }
    await waitUntil('verify to find it', leave, (seen) =>
      isDeepStrictEqual(seen, [3, 'CG105 kubernetes#142569']),
    )
    const unprotect = () => {
      writeFileSync(`/sys/fs/cgroup${aboveIt}/memory.low`, `${high(64, 128)}`)
      return verify()
    }
    await waitUntil('verify to find it above the pods', unprotect, (seen) =>
      isDeepStrictEqual(seen, [4, 'CG405 ']),
    )
  })

  test('what others change of it is put back, and nothing else is found', async () => {
    const live = await startPod(node, 'touched', pod(burstable(32, 64)))
    const [whole, own] = [await live.cgroup(), await live.containerCgroup('app')]
    const places = [
      [own, 'memory.high'],
      [whole, 'memory.low'],
      [dirname(whole), 'memory.low'],
    ] as const
    const values = () => places.map(([cgroup, file]) => readCgroup('memory', cgroup, file))
    const before = values()
    for (const [cgroup, file] of places) writeFileSync(`/sys/fs/cgroup${cgroup}/${file}`, '1048576')
    await waitUntil('all to be put back', values, (seen) => isDeepStrictEqual(seen, before), {
      withinMs: 30_000,
      everyMs: 200,
    })
    // Without what the test before has changed.
    const left = `"${high(64, 128)}"`
    const told = await waitUntil(
      'all to be told',
      async () =>
        [...(await driftTold(node, 'Pod')), ...(await driftTold(node, 'Node'))].filter(
          (one) => !one.includes(left),
        ),
      (all) => all.length >= 3,
    )
    const files = told.map((one) => /: (\S+) is "1048576", not "\d+"; it is put back$/.exec(one))
    assert.deepEqual(
      files.map((one) => one?.[1]),
      ['memory.high', 'memory.low', 'memory.low'],
    )
  })
})

test('without the option nothing is protected', { skip: !isV2 && 'cgroup v2 only' }, async () => {
  await using node = await startNode()
  const live = await startPod(node, 'plain', pod(burstable(32, 64)))
  assert.deepEqual(memory(await live.containerCgroup('app'), 'min', 'low', 'high', 'oom.group'), {
    min: '0',
    low: '0',
    high: 'max',
    'oom.group': '1',
  })
})
