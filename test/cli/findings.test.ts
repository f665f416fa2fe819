import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import { readOomScoreAdj, writeOomScoreAdj } from '../../src/cgroup/oom-score.ts'
import type { CgroupKnobs } from '../../src/domain/cgroup/knobs.ts'
import type { Pod } from '../../src/domain/pod.ts'
import { bytes, cpuShares, micros } from '../../src/domain/units.ts'
import { pods } from '../../src/kube/resource.ts'
import { findingTable, type FindingCode } from '../../src/operate/findings.ts'
import { containerCgroup, podCgroup } from '../e2e/expect-size.ts'
import { idle, LiveNode, namespace, type PodSpecPatch } from '../e2e/live-node.ts'
import { podfitProgram } from '../support/podfit-process.ts'
import { outputOf } from '../support/run-program.ts'
import { waitUntil } from '../support/wait-until.ts'

const mebi = 1024 * 1024
const resources = {
  requests: { cpu: '100m', memory: '32Mi' },
  limits: { cpu: '200m', memory: '64Mi' },
}

/** A `podfit verify --watch` and what it said last. */
class Watch implements AsyncDisposable {
  readonly #child
  readonly #exit: Promise<unknown[]>
  #text = ''

  constructor(name: string, kubeconfig: string) {
    this.#child = spawn(podfitProgram, ['verify', name, '--watch', '-o', 'json'], {
      env: { ...process.env, KUBECONFIG: kubeconfig },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    this.#exit = once(this.#child, 'exit')
    this.#child.stdout.setEncoding('utf8').on('data', (chunk: string) => (this.#text += chunk))
  }

  /** Codes of the newest report; undefined before the first. */
  get codes(): readonly string[] | undefined {
    const newest = this.#text.split(/^(?=\{$)/m).at(-1) ?? ''
    if (!newest.endsWith('}\n')) return undefined
    const { findings } = JSON.parse(newest) as { findings: readonly { code: string }[] }
    return findings.map(({ code }) => code)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGINT')
    assert.deepEqual(await this.#exit, [130, null])
  }
}

describe('verify --watch names what is broken', () => {
  let node: LiveNode
  const named = new Map<FindingCode, number>()

  before(async () => {
    // Later servers refuse at once what is infeasible, and nobody waits for the node to say so.
    node = await LiveNode.start({ args: ['--kube-version', '1.35', '--on-drift', 'report'] })
  })
  after(async () => {
    await node?.[Symbol.asyncDispose]()
    const rows = [...named].map(([code, ms]) => `${code} ${String(Math.round(ms)).padStart(5)} ms`)
    console.log(['named after the break:', ...rows].join('\n'))
  })
  afterEach(() => node.kubectl.run(['delete', 'pods', '--all', '--now', '--wait=false']))

  /** Breaks something, waits until that is named, mends it, and waits until all is well. */
  async function names(
    watch: Watch,
    code: FindingCode,
    breakIt: () => unknown,
    mend?: () => unknown,
  ): Promise<void> {
    await waitUntil(
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
      `all to be well after ${code}`,
      () => watch.codes,
      (codes) => codes?.length === 0,
    )
  }

  const watching = (name: string) => new Watch(name, node.podfit.kubeconfig)

  const run = (name: string): Promise<Pod> =>
    node.run(name, { containers: [idle('app', resources)] })

  function resize(name: string, size: PodSpecPatch['containers']) {
    return () => node.resize(name, { containers: size ?? [] })
  }
  const size = (cpu: string, memory = '32Mi') => [
    { name: 'app', resources: { requests: { cpu, memory } } },
  ]

  /** What the node says of the pod, by somebody who is not the node. */
  const lie = (name: string, status: object) => () =>
    node.client.patch(
      pods,
      { namespace, name, subresource: 'status' },
      {
        type: 'merge',
        body: { status },
      },
    )

  function containerStatus({ status }: Pod, wrong: object) {
    return { containerStatuses: [{ ...status?.containerStatuses?.[0], ...wrong }] }
  }

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
    await node.run('slow', { containers: [deaf], terminationGracePeriodSeconds: 3 })
    await using slowWatch = watching('slow')
    await names(slowWatch, 'RS104', resize('slow', size('100m', '33Mi')))
  })

  test('RS105, RS106, RS108, RS109: the status says something else than is asked for, or nothing', async () => {
    await run('lied')
    await node.resize('lied', { containers: size('101m') })
    const pod = await node.settled('lied')
    const allocated = { allocatedResources: { cpu: '90m', memory: '32Mi' } }
    const truth = lie('lied', { ...containerStatus(pod, {}), observedGeneration: 2 })
    await using watch = watching('lied')
    await names(watch, 'RS105', lie('lied', containerStatus(pod, allocated)), truth)
    const less = { resources: { ...resources, requests: { cpu: '90m', memory: '32Mi' } } }
    await names(watch, 'RS106', lie('lied', containerStatus(pod, less)), truth)
    await names(watch, 'RS108', lie('lied', { observedGeneration: 1 }), truth)
    const nothing = { resources: undefined, allocatedResources: undefined }
    await names(watch, 'RS109', lie('lied', containerStatus(pod, nothing)), truth)
  })

  test('RS107: a container that does not run', async () => {
    const pod = await node.run('ends', {
      restartPolicy: 'Never',
      containers: [idle('app', resources), { ...idle('stays', resources) }],
    })
    await using watch = watching('ends')
    await names(watch, 'RS107', () => node.tree.kill(containerCgroup(node, pod, 'app')))
  })

  test('CG301: a pod of another machine that nobody can look into', async () => {
    const seen = containerStatus(await run('here'), {})
    await node.create('elsewhere', { nodeName: 'other', containers: [idle('app', resources)] })
    await using watch = watching('elsewhere')
    await names(watch, 'CG301', lie('elsewhere', { phase: 'Running', ...seen }))
  })

  test('every code was produced here, or where --source and other layouts are tested', () => {
    const fromInside = ['CG304', 'CG305'] as const
    // Of nodes that are laid out or configured in another way: find-cgroups.test.ts, pod-report.test.ts.
    const otherNodes = ['CG306', 'CG307', 'CG404', 'CG104'] as const
    const onlyV2 = node.tree.version === 'v1' ? (['CG105', 'CG106', 'CG204'] as const) : []
    const elsewhere = new Set<FindingCode>([...fromInside, ...otherNodes, ...onlyV2])
    const all = Object.keys(findingTable) as FindingCode[]
    assert.deepEqual(
      all.filter((code) => !named.has(code) && !elsewhere.has(code)),
      [],
    )
  })
})
