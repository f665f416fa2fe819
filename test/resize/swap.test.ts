import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Container, PodSpec, ResourceRequirements } from '../../src/domain/pod.ts'
import { waitUntil } from '../support/wait-until.ts'
import { isV2, mebi, oomKills, readCgroup, startNode, startPod, type TestNode } from './live-pod.ts'

// Swap is the whole machine's, so only a guest is given some.
const skip = !(isV2 && process.env['PODFIT_UML'] === '1') && 'only in the guest, with cgroup v2'

const idle = 'trap "exit 0" TERM; while :; do sleep 1000 & wait; done'

function container(name: string, resources: ResourceRequirements, script = idle): Container {
  return { name, image: 'busybox', command: ['sh', '-c', script], resources }
}

function pod(...containers: readonly Container[]): PodSpec {
  return { containers }
}

const size = (request: number, limit: number, cpu = '200m'): ResourceRequirements => ({
  requests: { cpu: '20m', memory: `${request}Mi` },
  limits: { cpu, memory: `${limit}Mi` },
})

function machine(key: 'MemTotal' | 'SwapTotal'): number {
  const found = new RegExp(`^${key}: +(?<kib>\\d+) kB$`, 'm').exec(
    readFileSync('/proc/meminfo', 'utf8'),
  )
  return Number(found?.groups?.['kib']) * 1024
}

/** What a request of so many mebibytes may swap, in whole pages, as the kernel keeps it. */
function share(request: number): string {
  const whole = (request * mebi * machine('SwapTotal')) / machine('MemTotal')
  return String(Math.floor(whole / 4096) * 4096)
}

describe('a machine with swap', { skip }, () => {
  // Pages of a tmpfs may be swapped, out to the very swap that they hold: a deadlock. Not so ramfs.
  const directory = '/run/podfit-swap'
  const file = join(directory, 'file')
  let device = ''

  before(() => {
    mkdirSync(directory)
    execFileSync('mount', ['-t', 'ramfs', 'podfit-swap', directory])
    const opened = openSync(file, 'w', 0o600)
    ftruncateSync(opened, 2048 * mebi)
    closeSync(opened)
    device = execFileSync('losetup', ['-f', '--show', file], { encoding: 'utf8' }).trim()
    execFileSync('mkswap', [device])
    execFileSync('swapon', [device])
  })
  after(() => {
    execFileSync('swapoff', [device])
    execFileSync('losetup', ['-d', device])
    execFileSync('umount', [directory])
  })

  const swapMax = (cgroup: string): string => readCgroup('memory', cgroup, 'memory.swap.max')

  describe('podfit up --swap-behavior LimitedSwap', () => {
    let node: TestNode

    before(async () => (node = await startNode({ args: ['--swap-behavior', 'LimitedSwap'] })))
    after(() => node[Symbol.asyncDispose]())

    test('Burstable containers may swap by their share of the memory, others not', async () => {
      const live = await startPod(
        node,
        'some',
        pod(container('app', size(64, 128)), container('whole', size(32, 32))),
      )
      assert.equal(swapMax(await live.containerCgroup('app')), share(64))
      assert.equal(swapMax(await live.containerCgroup('whole')), '0')
      const all = { cpu: '50m', memory: '32Mi' }
      const hard = await startPod(
        node,
        'hard',
        pod(container('app', { requests: all, limits: all })),
      )
      assert.equal(swapMax(await hard.containerCgroup('app')), '0')
    })

    test('a resize keeps the share; one of the memory request cannot be done', async () => {
      const live = await startPod(node, 'live', pod(container('app', size(64, 128))))
      const own = await live.containerCgroup('app')
      await live.resize({ containers: [{ name: 'app', resources: size(64, 192, '300m') }] })
      await live.settled()
      assert.equal(swapMax(own), share(64))
      assert.equal(readCgroup('memory', own, 'memory.max'), String(192 * mebi))
      const planned = await node.podfit.podfit(['plan', 'live', '--memory', '96Mi:192Mi'])
      assert.equal(planned.code, 3, planned.stderr)
      assert.match(planned.stdout, /rule {4}swap_limitation\n[^]*PL107/)
      const checked = await node.podfit.podfit(['check'])
      assert.match(checked.stdout, /has cgroup v2 and the cgroupfs driver[^]*pods may swap/)
      await live.resize({ containers: [{ name: 'app', resources: size(96, 192, '300m') }] })
      const condition = await waitUntil(
        'the resize to be infeasible',
        () => live.condition('PodResizePending'),
        (one) => one !== undefined,
      )
      assert.equal(condition?.reason, 'Infeasible')
      assert.match(condition?.message ?? '', /swap/)
      assert.equal(swapMax(own), share(64))
    })

    test('what does not fit goes to the swap, and nobody is killed', async () => {
      const hold = 'head -c 96m /dev/zero | tail -c 96m | sleep 1000'
      const live = await startPod(node, 'full', pod(container('app', size(64, 72), hold)))
      const own = await live.containerCgroup('app')
      await waitUntil(
        'memory to be swapped',
        () => Number(readCgroup('memory', own, 'memory.swap.current')),
        (swapped) => swapped > 20 * mebi,
      )
      assert.equal(oomKills(own), 0)
      assert.equal((await live.status('app')).restartCount, 0)
    })
  })

  test('by default nobody may swap, before and after a resize', async () => {
    await using node = await startNode()
    const live = await startPod(node, 'none', pod(container('app', size(64, 128))))
    const own = await live.containerCgroup('app')
    assert.equal(swapMax(own), '0')
    await live.resize({ containers: [{ name: 'app', resources: size(96, 192) }] })
    await live.settled()
    assert.equal(swapMax(own), '0')
    assert.equal(readCgroup('memory', own, 'memory.max'), String(192 * mebi))
  })
})
