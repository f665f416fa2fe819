import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import { containerdPaths } from '../../src/containerd/containerd-paths.ts'
import { findContainerd } from '../../src/containerd/containerd-process.ts'
import { readOomScoreAdj, writeOomScoreAdj } from '../../src/cgroup/oom-score.ts'
import type { CgroupKnobs } from '../../src/domain/cgroup/knobs.ts'
import type { Pod } from '../../src/domain/pod.ts'
import { bytes, cpuShares, micros } from '../../src/domain/units.ts'
import { pods } from '../../src/kube/object/resource.ts'
import { findingTable, type FindingCode } from '../../src/operate/findings/finding-table.ts'
import { containerCgroup, podCgroup } from '../e2e/expect-size.ts'
import { idle, isRunning, LiveNode, namespace, type PodSpecPatch } from '../e2e/live-node.ts'
import { FaultyRunc } from '../faults/faulty-runc.ts'
import { outputOf } from '../support/run-program.ts'
import { waitUntil } from '../support/wait-until.ts'
import { ForeignPod } from './foreign-pod.ts'
import { VerifyWatch } from './verify-watch.ts'

const mebi = 1024 * 1024
const resources = {
  requests: { cpu: '100m', memory: '32Mi' },
  limits: { cpu: '200m', memory: '64Mi' },
}

describe('verify --watch names what is broken', () => {
  let node: LiveNode
  const runc = new FaultyRunc()
  const named = new Map<FindingCode, number>()

  before(async () => {
    // Later servers refuse at once what is infeasible, and nobody waits for the node to say so.
    const args = ['--kube-version', '1.35', '--on-drift', 'report']
    node = await LiveNode.start({ args, env: runc.env })
  })
  after(async () => {
    await node?.[Symbol.asyncDispose]()
    runc[Symbol.dispose]()
    const rows = [...named].map(([code, ms]) => `${code} ${String(Math.round(ms)).padStart(5)} ms`)
    console.log(['named after the break:', ...rows].join('\n'))
  })
  afterEach(() => {
    const mine = ['--field-selector', 'spec.nodeName!=other']
    return node.kubectl.run(['delete', 'pods', ...mine, '--now', '--wait=false'])
  })

  /** Breaks something, waits until that is named, mends it, and waits until all is well. */
  async function names(
    watch: VerifyWatch,
    code: FindingCode,
    breakIt: () => unknown,
    mend?: () => unknown,
  ): Promise<void> {
    const before = await waitUntil(
      'the first look',
      () => watch.codes,
      (codes) => codes !== undefined && !codes.includes(code),
    )
    const began = performance.now()
    await breakIt()
    await waitUntil(
      code,
      () => watch.codes,
      (codes) => codes?.includes(code) === true,
      { everyMs: 5 },
    )
    named.set(code, performance.now() - began)
    if (mend === undefined) return
    await mend()
    await waitUntil(
      `all to be as before ${code}`,
      () => watch.codes,
      (codes) => codes?.join() === before?.join(),
    )
  }

  const watching = (name: string, ...args: readonly string[]) =>
    new VerifyWatch(name, node.podfit.kubeconfig, args)

  const run = (name: string): Promise<Pod> =>
    node.run(name, { containers: [idle('app', resources)] })

  function resize(name: string, size: PodSpecPatch['containers']) {
    return () => node.resize(name, { containers: size ?? [] })
  }
  const size = (cpu: string, memory = '32Mi') => [
    { name: 'app', resources: { requests: { cpu, memory } } },
  ]

  test('CG1 and CG2: files of the container and of the pod', async () => {
    const pod = await run('files')
    const { tree } = node
    const limits = { cpuQuota: micros(20_000), cpuPeriod: micros(100_000) }
    const whole: CgroupKnobs = {
      cpuShares: cpuShares(102),
      ...limits,
      memoryLimit: bytes(64 * mebi),
    }
    const [container, around] = [containerCgroup(node, pod, 'app'), podCgroup(node, pod)]
    const cases: readonly (readonly [FindingCode, string, CgroupKnobs])[] = [
      ['CG101', container, { ...limits, cpuQuota: micros(5000) }],
      ['CG102', container, { cpuShares: cpuShares(2) }],
      ['CG103', container, { memoryLimit: bytes(48 * mebi) }],
      ['CG201', around, { ...limits, cpuQuota: micros(25_000) }],
      ['CG202', around, { cpuShares: cpuShares(2) }],
      ['CG203', around, { memoryLimit: bytes(80 * mebi) }],
    ]
    await using watch = watching('files')
    for (const [code, path, knobs] of cases) {
      await names(
        watch,
        code,
        () => tree.write(path, knobs),
        () => tree.write(path, whole),
      )
    }
  })

  test('CG105, CG106, CG204: what protects memory and slows it down, on cgroup v2', async (t) => {
    const { tree } = node
    if (tree.version === 'v1') return t.skip('cgroup v2 only')
    const pod = await run('soft')
    const [container, around] = [containerCgroup(node, pod, 'app'), podCgroup(node, pod)]
    await using watch = watching('soft')
    const write = (path: string, files: Readonly<Record<string, string>>) => () =>
      tree.writeUnified(path, files)
    const high = (mebis: number) => write(container, { 'memory.high': `${mebis * mebi}` })
    const none = write(container, { 'memory.high': 'max' })
    await names(watch, 'CG105', high(16), none)
    await names(watch, 'CG106', high(48), none)
    const low = (value: number) => write(around, { 'memory.low': `${value}` })
    await names(watch, 'CG204', low(16 * mebi), low(0))
  })

  test('CG107: oom_score_adj of the first process', async () => {
    const pod = await run('score')
    const [pid = 0] = node.tree.processes(containerCgroup(node, pod, 'app'))
    const before = readOomScoreAdj(pid)
    await using watch = watching('score')
    await names(
      watch,
      'CG107',
      () => writeOomScoreAdj(pid, 1000),
      () => writeOomScoreAdj(pid, before),
    )
  })

  test('CG302: a container runs and its cgroup is gone', async () => {
    const pod = await run('lost')
    const path = containerCgroup(node, pod, 'app')
    await using watch = watching('lost')
    await names(watch, 'CG302', () => {
      const directories = node.tree.version === 'v1' ? [...node.tree.controllers, 'unified'] : ['']
      for (const pid of node.tree.processes(path)) {
        for (const directory of directories) {
          const procs = join(node.tree.mount, directory, 'cgroup.procs')
          if (existsSync(procs)) writeFileSync(procs, `${pid}`)
        }
      }
      node.tree.remove(path)
    })
  })

  test('CG303: a file of the cgroup is not there', async () => {
    const pod = await run('hidden')
    const [directory = ''] = node.tree.directories(containerCgroup(node, pod, 'app'))
    await using watch = watching('hidden')
    await names(
      watch,
      'CG303',
      () => outputOf('mount', ['-t', 'tmpfs', 'none', directory]),
      () => outputOf('umount', [directory]),
    )
  })

  test('CG4: cgroups above the pod', async () => {
    const pod = await run('below')
    const klass = join(podCgroup(node, pod), '..')
    const root = join(klass, '..')
    const { tree } = node
    // Pods of earlier tests have to be gone: until then the weight of the class is not judged.
    await waitUntil(
      'the pod to be alone',
      () => node.client.list(pods, { namespace }),
      ({ items }) => items.length === 1,
      { withinMs: 30_000 },
    )
    const before = tree.read(root).memoryLimit
    await using watch = watching('below')
    await names(
      watch,
      'CG401',
      () => tree.write(klass, { memoryLimit: bytes(48 * mebi) }),
      () => tree.write(klass, { memoryLimit: 'max' }),
    )
    await names(
      watch,
      'CG402',
      () => tree.write(klass, { cpuShares: cpuShares(2000) }),
      () => tree.write(klass, { cpuShares: cpuShares(102) }),
    )
    if (tree.version === 'v2') {
      const low = (text: string) => () => tree.writeUnified(klass, { 'memory.low': text })
      await names(watch, 'CG405', low(`${mebi}`), low('0'))
    }
    await names(
      watch,
      'CG403',
      () => tree.write(root, { memoryLimit: bytes(1024 * mebi) }),
      () => tree.write(root, { memoryLimit: before }),
    )
  })

  test('RS101 to RS104: the node says no, fails, or is at work', async () => {
    const whole = `${Number((await node.node()).status.allocatable['cpu']) * 1000}m`
    await run('neighbour')
    await node.run('waits', {
      containers: [idle('app', { requests: { cpu: '50m', memory: '32Mi' } })],
    })
    await using watch = watching('waits')
    await names(watch, 'RS101', resize('waits', size(whole)), resize('waits', size('50m')))
    await names(watch, 'RS102', resize('waits', size('1000')), resize('waits', size('50m')))

    await run('busy')
    await node.kubectl.run([
      'exec',
      'busy',
      '--',
      'dd',
      'if=/dev/zero',
      'of=/dev/shm/x',
      'bs=1M',
      'count=30',
    ])
    const memory = (limit: string) => [
      { name: 'app', resources: { requests: { memory: '8Mi' }, limits: { memory: limit } } },
    ]
    await using busyWatch = watching('busy')
    await names(busyWatch, 'RS103', resize('busy', memory('16Mi')), resize('busy', memory('64Mi')))

    // A restart that takes its grace is a resize that is at work.
    const resizePolicy = [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }]
    const deaf = {
      ...idle('app', resources),
      command: ['sh', '-c', 'trap "" TERM; while :; do sleep 1; done'],
      resizePolicy,
    }
    await node.run('slow', { containers: [deaf], terminationGracePeriodSeconds: 20 })
    await using slowWatch = watching('slow')
    await names(slowWatch, 'RS104', resize('slow', size('100m', '33Mi')))
  })

  test('RS108: the node is held up by a runtime, and does not look at what comes then', async () => {
    await run('held-up')
    await using watch = watching('held-up')
    using _heal = runc.add({ verb: 'update', does: 'hangs' })
    runc.forgetCalls()
    await resize('held-up', size('150m'))()
    await waitUntil('the update to begin', () => runc.calls('update').length > 0)
    await names(watch, 'RS108', resize('held-up', size('160m')))
  })

  describe('on a node of somebody else, whose agent is this test, with real cgroups', () => {
    let foreign: ForeignPod
    let watch: VerifyWatch
    const socket = () => containerdPaths(node.podfit.dataDir).socket
    before(async () => {
      foreign = await ForeignPod.run(node, 'foreign', resources)
      watch = watching('foreign', '--runtime-endpoint', socket())
    })
    after(async () => {
      await watch?.[Symbol.asyncDispose]()
      foreign?.[Symbol.dispose]()
    })

    // podfit's own node cannot be had to tell these: what it grants and finds in the files is what
    // it tells, and it tells it always.
    test('RS105, RS106, RS109: an agent that grants or reports another size, or none', async () => {
      const tell = (wrong: object) => () => foreign.tell(wrong)
      const less = { cpu: '90m', memory: '32Mi' }
      await names(watch, 'RS105', tell({ allocatedResources: less }), tell({}))
      await names(watch, 'RS106', tell({ resources: { ...resources, requests: less } }), tell({}))
      const nothing = { resources: undefined, allocatedResources: undefined }
      await names(watch, 'RS109', tell(nothing), tell({}))
    })

    // podfit's own node enforces CPU limits always, and tells so.
    test('CG104: no CPU limit is a quota', async () => {
      const free = { cpuQuota: 'max', cpuPeriod: micros(100_000) } as const
      const { cgroup, containerCgroup } = foreign
      await names(
        watch,
        'CG104',
        () => [cgroup, containerCgroup].forEach((path) => node.tree.write(path, free)),
        () => foreign.makeCgroups(),
      )
    })

    // A virtual machine cannot be had here: what it is by its cgroups is a pod's without a container's.
    test('CG306: a container of a virtual machine', async () => {
      await names(
        watch,
        'CG306',
        async () => {
          await foreign.tellRuntime('frakti')
          node.tree.remove(foreign.containerCgroup)
        },
        () => {
          foreign.makeCgroups()
          return foreign.tell({})
        },
      )
    })

    test('CG307: a containerd that stands still', async () => {
      const pid = findContainerd(containerdPaths(node.podfit.dataDir))
      assert.ok(pid !== undefined, 'podfit runs a containerd')
      process.kill(pid, 'SIGSTOP')
      try {
        // It is asked about each container once: another one has to come.
        await names(watch, 'CG307', () => foreign.start())
      } finally {
        process.kill(pid, 'SIGCONT')
      }
    })

    test('CG404: cgroups that another program lays out', async () => {
      const path = foreign.cgroup
      await names(watch, 'CG404', () => {
        foreign.makeCgroups('flat')
        node.tree.remove(path, { recursive: true })
      })
    })
  })

  test('RS107: a container that does not run', async () => {
    const pod = await node.run('ends', {
      restartPolicy: 'Never',
      containers: [idle('app', resources), { ...idle('stays', resources) }],
    })
    await using watch = watching('ends')
    await names(watch, 'RS107', () => node.tree.kill(containerCgroup(node, pod, 'app')))
  })

  test('a runtime that ignores an update, and says that it has done it', async () => {
    await run('ignored')
    await using watch = watching('ignored')
    using _heal = runc.add({ verb: 'update', does: 'nothing' })
    await names(watch, 'CG102', resize('ignored', size('150m')))
  })

  test('a limit raised while the container crash-loops, and not around it', async () => {
    const crashing = { ...idle('app', resources), command: ['false'] }
    await node.create('loops', { containers: [crashing] })
    const crashes = (more: number) =>
      waitUntil(
        `crash ${more}`,
        () => node.get('loops'),
        ({ status }) => {
          const { restartCount = 0, state } = status?.containerStatuses?.[0] ?? {}
          return restartCount >= more && state?.waiting?.reason === 'CrashLoopBackOff'
        },
        { withinMs: 30_000 },
      )
    const before = await crashes(1)
    const limits = { memory: '96Mi' }
    await resize('loops', [{ name: 'app', resources: { limits } }])()
    // With more memory it is started at once, and crashes again.
    await crashes((before.status?.containerStatuses?.[0]?.restartCount ?? 0) + 1)
    await using watch = watching('loops')
    const around = podCgroup(node, before)
    await names(watch, 'CG203', () => node.tree.write(around, { memoryLimit: bytes(64 * mebi) }))
    assert.deepEqual(watch.upstreamOf('CG203'), ['kubernetes#138760', 'autoscaler#9829'])
  })

  test('CG301, CG304, CG305: from inside, and containers that lose their shell', async () => {
    const containers = [idle('app', resources), idle('other', resources)]
    await node.create('inside', { containers, schedulingGates: [{ name: 'wait' }] })
    await using watch = watching('inside', '--source', 'exec')
    await waitUntil('the first look', () => watch.codes !== undefined)
    const open = JSON.stringify([{ op: 'remove', path: '/spec/schedulingGates' }])
    await node.kubectl.run(['patch', 'pod', 'inside', '--type=json', '-p', open])
    // Only from now on there is something that cannot be seen.
    await node.until('inside', 'run', isRunning, { withinMs: 30_000 })
    const began = performance.now()
    await waitUntil(
      'CG304',
      () => watch.codes,
      (codes) => codes?.includes('CG304') === true,
    )
    named.set('CG304', performance.now() - began)
    const loseShell = (container: string) => () =>
      node.kubectl.run(
        ['exec', 'inside', '-c', container, '--', 'sh', '-c'].concat(
          'find / -xdev -name sh -exec rm {} +',
        ),
      )
    // Shells are not started more often than twice a second.
    await names(watch, 'CG305', loseShell('other'))
    await names(watch, 'CG301', loseShell('app'))
  })

  test('every code was produced here', () => {
    const onlyV2 = ['CG105', 'CG106', 'CG204', 'CG405'] as const
    const elsewhere = new Set<FindingCode>(node.tree.version === 'v1' ? onlyV2 : [])
    const all = Object.keys(findingTable) as FindingCode[]
    assert.deepEqual(
      all.filter((code) => !named.has(code) && !elsewhere.has(code)),
      [],
    )
  })
})
