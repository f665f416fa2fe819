import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { openSystemdUnits, SystemdError } from '../../src/cgroup/systemd-units.ts'
import type { PodSpec, ResourceRequirements } from '../../src/domain/pod.ts'
import type { ExpectedFiles } from '../../src/operate/cgroups/expected-files.ts'
import { waitUntil } from '../support/wait-until.ts'
import { driftTold, isV2, LivePod, mebi, startNode, startPod, type TestNode } from './live-pod.ts'

const run = promisify(execFile)
const isSystemd = isV2 && existsSync('/run/systemd/private')
const skip = !isSystemd && 'only where systemd is process 1, with cgroup v2'

const idle = 'trap "exit 0" TERM; while :; do sleep 1000 & wait; done'

function size(cpu: string, memory: string): ResourceRequirements {
  return { requests: { cpu: '50m', memory: '16Mi' }, limits: { cpu, memory } }
}

function pod(resources: ResourceRequirements): PodSpec {
  return {
    containers: [{ name: 'app', image: 'busybox', command: ['sh', '-c', idle], resources }],
  }
}

async function property(unit: string, name: string): Promise<string> {
  const { stdout } = await run('systemctl', ['show', '--property', name, '--value', unit])
  return stdout.trim()
}

function read(path: string): string {
  return readFileSync(`/sys/fs/cgroup${path}`, 'utf8').trim()
}

describe('podfit up --cgroup-driver systemd', { skip }, () => {
  let node: TestNode

  const dir = mkdtempSync(join(tmpdir(), 'systemd-'))
  const crashAt = join(dir, 'crash-at')

  before(async () => {
    const env = { PODFIT_CRASH_AT: `@${crashAt}` }
    node = await startNode({ args: ['--cgroup-driver', 'systemd', '--memory-qos'], env })
  })
  after(async () => {
    await node[Symbol.asyncDispose]()
    rmSync(dir, { recursive: true })
  })

  async function places(live: LivePod) {
    const { metadata } = await live.get()
    const root = String(node.podfit.ready['cgroup']).slice(1).replaceAll('-', '_')
    const uid = (metadata.uid ?? '').replaceAll('-', '_')
    const above = `/${root}.slice/${root}-kubepods.slice/${root}-kubepods-burstable.slice`
    const slice = `${root}-kubepods-burstable-pod${uid}.slice`
    const { containerID = '' } = await live.status('app')
    const scope = `cri-containerd-${containerID.replace(/^containerd:\/\//, '')}.scope`
    return { slice, scope, whole: `${above}/${slice}`, own: `${above}/${slice}/${scope}` }
  }

  test('slices and scopes have the names, the files and the properties agree', async () => {
    const live = await startPod(node, 'slice', pod(size('125m', '64Mi')))
    const { slice, scope, whole, own } = await places(live)
    // 12.5 ms of 100 are rounded up to 13.
    assert.equal(read(`${whole}/cpu.max`), '13000 100000')
    assert.equal(read(`${whole}/memory.max`), String(64 * mebi))
    assert.equal(await property(slice, 'CPUQuotaPerSecUSec'), '130ms')
    assert.equal(await property(slice, 'MemoryMax'), String(64 * mebi))
    assert.equal(await property(scope, 'MemoryMax'), String(64 * mebi))
    assert.equal(read(`${own}/memory.max`), String(64 * mebi))
    const { status } = await live.get()
    assert.deepEqual(status?.containerStatuses?.[0]?.resources?.limits, {
      cpu: '125m',
      memory: '64Mi',
    })
    assert.equal(status?.resources?.limits?.['cpu'], '125m')
  })

  test('kubectl top finds its use', async () => {
    await waitUntil(
      'the memory of the container',
      () => node.kubectl.run(['top', 'pod', 'slice', '--no-headers']),
      (line) => /^slice\s+\d+m\s+\d+Mi/.test(line),
    )
  })

  test('a resize reaches both, and daemon-reload keeps it; what that changes is put back', async () => {
    const live = new LivePod(node, 'slice')
    const { slice, whole, own } = await places(live)
    const sizes = ['--cpu', '50m:255m', '--memory', '16Mi:48Mi']
    const planned = await node.podfit.podfit(['plan', 'slice', ...sizes, '-o', 'json'])
    const { files } = JSON.parse(planned.stdout) as { files: ExpectedFiles }
    await live.resize({ containers: [{ name: 'app', resources: size('255m', '48Mi') }] })
    const { status } = await live.settled()
    for (const [path, expected] of [
      [own, files.container],
      [whole, files.pod],
    ] as const) {
      assert.equal(expected.length, 3)
      for (const { file, value, or = [] } of expected) {
        assert.ok([value, ...or].includes(read(`${path}/${file}`)), `${path}/${file}`)
      }
    }
    const check = () => {
      assert.equal(read(`${whole}/cpu.max`), '26000 100000')
      assert.equal(read(`${whole}/memory.max`), String(48 * mebi))
      assert.equal(read(`${own}/memory.max`), String(48 * mebi))
      assert.match(read(`${own}/cpu.max`), /^2(?:55|60)00 100000$/)
    }
    check()
    await waitUntil(
      'systemd to know the new quota',
      () => property(slice, 'CPUQuotaPerSecUSec'),
      (text) => text === '260ms',
    )
    assert.equal(await property(slice, 'MemoryMax'), String(48 * mebi))
    await run('systemctl', ['daemon-reload'])
    check()
    // systemd 252 writes 0 to memory.oom.group of the scopes whenever it reloads.
    await waitUntil(
      'what a reload takes to be told',
      () => driftTold(node, 'Pod'),
      (told) => told.length > 0,
    )
    await waitUntil(
      'it to be put back',
      () => read(`${own}/memory.oom.group`),
      (text) => text === '1',
    )
    assert.equal(status?.containerStatuses?.[0]?.resources?.limits?.['cpu'], '255m')
    assert.equal(status?.containerStatuses?.[0]?.restartCount, 0)
  })

  test('memory is protected and throttled at each level down to the processes', async () => {
    const sized = (request: number, limit: number): ResourceRequirements => ({
      requests: { cpu: '50m', memory: `${request}Mi` },
      limits: { cpu: '200m', memory: `${limit}Mi` },
    })
    const live = await startPod(node, 'soft', pod(sized(16, 64)))
    const { whole, own } = await places(live)
    // crun keeps the processes in a cgroup of their own in the scope.
    const inner = `${own}/container`
    const levels = existsSync(`/sys/fs/cgroup${inner}`) ? [own, inner] : [own]
    const softLimits = () =>
      levels.map((level) => ['low', 'high', 'max'].map((file) => read(`${level}/memory.${file}`)))
    const expected = (request: number, limit: number) => {
      const high = Math.floor(((request + 0.9 * (limit - request)) * mebi) / 4096) * 4096
      const one = [String(request * mebi), String(high), String(limit * mebi)]
      return levels.map(() => one)
    }
    assert.deepEqual(softLimits(), expected(16, 64))
    for (const [request, limit] of [
      [32, 96],
      [8, 48],
    ] as const) {
      await live.resize({ containers: [{ name: 'app', resources: sized(request, limit) }] })
      await live.settled()
      assert.deepEqual(softLimits(), expected(request, limit))
      assert.equal(read(`${whole}/memory.low`), String(request * mebi))
    }
    // CPU alone: the runtime writes its whole spec again, and this must be in it.
    await live.resize({ containers: [{ name: 'app', resources: { limits: { cpu: '300m' } } }] })
    await live.settled()
    assert.deepEqual(softLimits(), expected(8, 48))
    assert.equal((await live.status('app')).restartCount, 0)
  })

  test('what systemd and the node write agrees but for that: nothing else is told', async () => {
    const reload =
      'Somebody changed the cgroup of container app: memory.oom.group is "0", not "1"; it is put back'
    assert.deepEqual([await driftTold(node, 'Pod'), await driftTold(node, 'Node')], [[reload], []])
  })

  test('kill -9 before systemd hears of a new size: the next start tells it', async () => {
    const live = new LivePod(node, 'slice')
    const { slice, whole } = await places(live)
    const quota = (): Promise<string> => property(slice, 'CPUQuotaPerSecUSec')
    // No pod has gone or come before: systemd would be told of the slice of its class meanwhile.
    writeFileSync(crashAt, 'node.slice.before')
    const wanted = { containers: [{ name: 'app', resources: size('300m', '48Mi') }] }
    await live.resize(wanted).catch(() => {})
    await node.podfit.ended()
    assert.deepEqual([read(`${whole}/cpu.max`), await quota()], ['30000 100000', '260ms'])
    rmSync(crashAt)
    await node.startAgain()
    await live.settled()
    await waitUntil('systemd to know the new quota', quota, (text) => text === '300ms')
    assert.equal(read(`${whole}/cpu.max`), '30000 100000')
  })

  test('a pod that is deleted leaves no slice', async () => {
    const live = new LivePod(node, 'slice')
    const { slice, whole } = await places(live)
    await node.remove('slice')
    await waitUntil('the cgroup to be gone', () => !existsSync(`/sys/fs/cgroup${whole}`))
    assert.equal(await property(slice, 'ActiveState'), 'inactive')
    await node.remove('soft')
  })

  test('slices that are started have their cgroups by then, those that are there already, too', async () => {
    const units = openSystemdUnits()
    const slices = [1, 2, 3, 4].map((number) => `podfit_test${number}.slice`)
    const startAll = () =>
      slices.map(async (slice) => {
        await units.start(slice, [])
        assert.ok(existsSync(`/sys/fs/cgroup/${slice}`), slice)
      })
    await Promise.all([...startAll(), ...startAll()])
    await Promise.all(slices.map((slice) => units.stop(slice)))
    const noSlice = units.start('podfit_test.target', [])
    await assert.rejects(noSlice, (error) => error instanceof SystemdError)
  })
})
