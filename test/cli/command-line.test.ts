import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, afterEach, before, describe, test } from 'node:test'
import { allPodCgroups, findContainerCgroup } from '../../src/cgroup/find-pod-cgroup.ts'
import { openCgroupTree } from '../../src/cgroup/open-cgroup-tree.ts'
import { imageArchive } from '../../src/containerd/image/image-archive.ts'
import type { CgroupKnobs } from '../../src/domain/cgroup/knobs.ts'
import type { Container, Pod } from '../../src/domain/pod.ts'
import { bytes, cpuShares, micros } from '../../src/domain/units.ts'
import { createKubectl, type Kubectl } from '../support/kubectl.ts'
import { podfitProgram, startPodfit, type PodfitProcess } from '../support/podfit-process.ts'
import { waitUntil } from '../support/wait-until.ts'

const mebi = 1024 * 1024

function podOf(name: string, ...containers: readonly Partial<Container>[]): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: containers.map((container, index) => ({
        name: `c${index}`,
        image: 'busybox',
        command: ['sh', '-c', "trap 'exit 0' TERM; while :; do sleep 1; done"],
        ...container,
      })),
    },
  }
}

const burstable = {
  requests: { cpu: '100m', memory: '32Mi' },
  limits: { cpu: '200m', memory: '64Mi' },
}

describe('the command line on a real node', () => {
  let podfit: PodfitProcess
  let kubectl: Kubectl
  const tree = openCgroupTree()

  before(async () => {
    podfit = await startPodfit({ args: ['--on-drift', 'report'] })
    kubectl = createKubectl(podfit.kubeconfig)
  })
  afterEach(() => kubectl.run(['delete', 'pods', '--all', '--now', '--wait=false']))
  after(async () => {
    await podfit[Symbol.asyncDispose]()
  })

  /** Starts a pod and waits until its containers run. */
  async function run(pod: Pod): Promise<Pod> {
    await kubectl.apply(pod)
    return await waitUntil(
      `pod ${pod.metadata.name} to run`,
      () => kubectl.get<Pod>(['pod', pod.metadata.name]),
      ({ status }) => status?.containerStatuses?.every(({ state }) => state?.running) === true,
      { withinMs: 20_000 },
    )
  }

  async function json(...args: readonly string[]) {
    const result = await podfit.podfit([...args, '-o', 'json'])
    const document = result.stdout === '' ? undefined : JSON.parse(result.stdout)
    return { ...result, document }
  }

  /** The cgroup of the pod, or of one of its containers. */
  async function cgroupOf(name: string, container?: string): Promise<string> {
    const pod = await kubectl.get<Pod>(['pod', name])
    const path = allPodCgroups(tree).get(pod.metadata.uid ?? '')
    assert.ok(path)
    if (container === undefined) return path
    const status = pod.status?.containerStatuses?.find((one) => one.name === container)
    const found = findContainerCgroup(tree, path, status?.containerID?.split('//')[1] ?? '')
    assert.ok(found)
    return found
  }

  /** All CPUs of the node: more than it has while anything else runs. */
  async function wholeNode(): Promise<number> {
    const name = podfit.ready['nodeName'] as string
    type Node = { status: { allocatable: { cpu: string } } }
    return Number((await kubectl.get<Node>(['node', name])).status.allocatable.cpu)
  }

  test('resize changes CPU and memory, follows it into the kernel and verifies it', async () => {
    const before = await run(podOf('web', { resources: burstable }))
    const args = ['pod/web', '--cpu', '150m:300m', '--memory', '48Mi:96Mi']
    const { code, document, stderr } = await json('resize', ...args)
    assert.equal(code, 0, stderr)
    assert.deepEqual(document.after, {
      requests: { cpu: '150m', memory: '48Mi' },
      limits: { cpu: '300m', memory: '96Mi' },
    })
    for (const { layer, state, afterMs } of document.layers) {
      assert.equal(state, 'reached', layer)
      assert.ok(afterMs > 0, `${layer} took ${afterMs} ms`)
    }
    assert.deepEqual(tree.read(await cgroupOf('web', 'c0')).memoryLimit, 96 * mebi)
    assert.deepEqual(tree.read(await cgroupOf('web')).cpuQuota, 30_000)
    assert.match(stderr, /cpu +100m:200m → 150m:300m\n/)
    assert.match(stderr, /✓ container cgroup +[\d.]+ m?s {3}cpu\./)

    const pod = await kubectl.get<Pod>(['pod', 'web'])
    const [status] = pod.status?.containerStatuses ?? []
    assert.equal(status?.containerID, before.status?.containerStatuses?.[0]?.containerID)
    const verified = await json('verify', 'web')
    assert.deepEqual([verified.code, verified.document.verdict], [0, 'verified'])
    const again = await podfit.podfit(['resize', ...args])
    assert.equal(again.code, 0)
    assert.match(again.stderr, /has this size already: nothing to send\n/)
    assert.match(again.stdout, /verified: all five layers agree\n/)
  })

  test('resize takes relative sizes, one side, a factor', async () => {
    await run(podOf('relative', { resources: burstable }))
    const cases: [string[], object][] = [
      [['--cpu', '+50%'], { cpu: '150m' }],
      [['--cpu', ':400m'], { cpu: '150m' }],
      [['--cpu', '-50m:x0.5', '--memory', 'x2'], { cpu: '100m', memory: '64Mi' }],
    ]
    for (const [args, requests] of cases) {
      const { code, document, stderr } = await json('resize', 'relative', ...args)
      assert.equal(code, 0, stderr)
      assert.deepEqual({ ...document.after.requests, ...requests }, document.after.requests)
    }
    const { spec } = await kubectl.get<Pod>(['pod', 'relative'])
    assert.deepEqual(spec.containers[0]?.resources, {
      requests: { cpu: '100m', memory: '64Mi' },
      limits: { cpu: '200m', memory: '64Mi' },
    })
  })

  test('resize --pod-level changes the size of the pod itself, and undo brings it back', async () => {
    const pod = podOf('whole', {
      resizePolicy: [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }],
    })
    await run({ ...pod, spec: { ...pod.spec, resources: burstable } })
    const resize = ['resize', 'whole', '--pod-level']
    const { code, document, stderr } = await json(...resize, '--cpu', '150m:300m')
    assert.equal(code, 0, stderr)
    assert.deepEqual([document.podLevel, document.restarting], [true, []])
    assert.deepEqual(tree.read(await cgroupOf('whole')).cpuQuota, 30_000)
    // The container has no limit of its own, and goes with the pod's.
    assert.deepEqual(tree.read(await cgroupOf('whole', 'c0')).cpuQuota, 30_000)
    const memory = await json(...resize, '--memory', ':96Mi')
    assert.equal(memory.code, 0, memory.stderr)
    assert.deepEqual(memory.document.restartCount, { before: 0, after: 1 })
    assert.deepEqual(tree.read(await cgroupOf('whole')).memoryLimit, 96 * mebi)
    const undone = await podfit.podfit(['undo'])
    assert.equal(undone.code, 0, undone.stderr)
    assert.deepEqual(tree.read(await cgroupOf('whole')).memoryLimit, 64 * mebi)
    const verified = await json('verify', 'whole')
    assert.deepEqual([verified.code, verified.document.verdict], [0, 'verified'])
  })

  test('resize tells of a restart before, and waits for the new container', async () => {
    const resizePolicy = [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }]
    await run(podOf('restarting', { resources: burstable, resizePolicy }))
    const { code, document, stderr } = await json('resize', 'restarting', '--memory', '40Mi:80Mi')
    assert.equal(code, 0, stderr)
    assert.match(
      stderr,
      /restart yes: the container's resizePolicy for memory is RestartContainer\n/,
    )
    assert.match(stderr, /! container c0 was restarted \(restart count 0 → 1\)\n/)
    assert.deepEqual(document.restartCount, { before: 0, after: 1 })
    assert.equal(tree.read(await cgroupOf('restarting', 'c0')).memoryLimit, 80 * mebi)
  })

  test('resize says what holds it up, keeps the old size and ends with exit code 3', async () => {
    const whole = await wholeNode()
    await run(podOf('neighbour', { resources: burstable }))
    await run(podOf('deferred', { resources: { requests: { cpu: '50m', memory: '16Mi' } } }))
    const late = ['--timeout', '3s']
    const { code, document, stderr } = await json(
      'resize',
      'deferred',
      '--cpu',
      `${whole}`,
      ...late,
    )
    assert.equal(code, 3, stderr)
    assert.equal(document.outcome.kind, 'deferred')
    assert.match(document.outcome.message, /^Node didn't have enough resource: cpu, requested: /)
    assert.match(stderr, /! deferred: Node didn't have enough resource/)
    const report = await json('verify', 'deferred')
    assert.deepEqual([report.code, report.document.verdict], [4, 'warnings'])

    const refused = await podfit.podfit(['resize', 'deferred', '--cpu', `${whole + 1}`])
    assert.equal(refused.code, 3)
    assert.match(
      refused.stderr,
      /The API server refuses \(Forbidden\): pods "deferred" is forbidden: node didn't have enough allocatable resources/,
    )
    assert.equal((await json('resize', 'deferred', '--cpu', '50m')).code, 0)
  })

  test('resize that the node cannot carry out shows the error and the size that still holds', async () => {
    await run(podOf('busy', { resources: burstable }))
    await kubectl.run([
      'exec',
      'busy',
      '--',
      'dd',
      'if=/dev/zero',
      'of=/dev/shm/x',
      'bs=1M',
      'count=30',
    ])
    const { code, stdout, stderr } = await podfit.podfit([
      'resize',
      'busy',
      '--memory',
      '8Mi:16Mi',
      '--timeout',
      '3s',
    ])
    assert.equal(code, 3, stderr)
    assert.match(
      stderr,
      /! the node could not carry it out and tries again: cannot decrease memory limits: /,
    )
    assert.match(stdout, /^failing after .*; container c0 keeps cpu 100m:200m, memory 32Mi:64Mi\./)
    const report = await json('verify', 'busy')
    assert.equal(report.code, 3)
    assert.deepEqual(
      report.document.findings.map(({ code }: { code: string }) => code),
      ['RS103'],
    )
    await kubectl.run(['exec', 'busy', '--', 'rm', '/dev/shm/x'])
    assert.equal((await json('resize', 'busy', '--memory', '32Mi:64Mi')).code, 0)
  })

  test('resize is interrupted by Ctrl-C; the node carries it on', async () => {
    const whole = await wholeNode()
    await run(podOf('neighbour', { resources: burstable }))
    await run(podOf('interrupted', { resources: { requests: { cpu: '50m', memory: '16Mi' } } }))
    const child = spawn(podfitProgram, ['resize', 'interrupted', '--cpu', `${whole}`], {
      env: { ...process.env, KUBECONFIG: podfit.kubeconfig },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk))
    await waitUntil('the resize to be deferred', () => stderr.includes('! deferred: '))
    child.kill('SIGINT')
    const [code] = await once(child, 'exit')
    assert.equal(code, 130)
    assert.match(stderr, /Interrupted: the node carries the resize on by itself/)
  })

  test('verify names every file that somebody changed, by its code', async () => {
    await run(podOf('broken', { resources: burstable }))
    const container = await cgroupOf('broken', 'c0')
    const pod = await cgroupOf('broken')
    const none = { cpuQuota: micros(5000), cpuPeriod: micros(100_000) }
    const cases: [string, CgroupKnobs, string][] = [
      [container, none, 'CG101'],
      [container, { cpuShares: cpuShares(2) }, 'CG102'],
      [container, { memoryLimit: bytes(48 * mebi) }, 'CG103'],
      [pod, { cpuShares: cpuShares(1024) }, 'CG202'],
      [pod, { memoryLimit: bytes(80 * mebi) }, 'CG203'],
      [pod, { cpuQuota: 'max' }, 'CG201'],
    ]
    const before = { [container]: tree.read(container), [pod]: tree.read(pod) }
    const right = {
      cpuShares: cpuShares(102),
      cpuQuota: micros(20_000),
      cpuPeriod: micros(100_000),
    }
    for (const [path, knobs, code] of cases) {
      tree.write(path, knobs)
      const { code: exit, document } = await json('verify', 'broken', '--timeout', '0')
      assert.equal(exit, 3, code)
      assert.deepEqual(
        document.findings.map((finding: { code: string }) => finding.code),
        [code],
      )
      tree.write(path, { ...right, memoryLimit: bytes(64 * mebi) })
      // What is written here is linear; a runtime may have had the other formula.
      assert.deepEqual(tree.read(path).cpuQuota, before[path]?.cpuQuota)
    }
    assert.equal((await json('verify', 'broken')).code, 0)
  })

  test('a resize heals what somebody changed', async () => {
    await run(podOf('healed', { resources: burstable }))
    tree.write(await cgroupOf('healed', 'c0'), { memoryLimit: bytes(48 * mebi) })
    assert.equal((await json('verify', 'healed')).code, 3)
    const { code, stderr } = await json('resize', 'healed', '--cpu', '101m:201m')
    assert.equal(code, 0, stderr)
    assert.equal((await json('verify', 'healed')).code, 0)
  })

  test('verify cries no alarm over a container that does not run', async () => {
    await kubectl.apply(podOf('crashing', { resources: burstable, command: ['false'] }))
    await waitUntil(
      'the container to wait for its next start, for 10 s',
      () => kubectl.get<Pod>(['pod', 'crashing']),
      ({ status }) => status?.containerStatuses?.[0]?.state?.waiting?.reason === 'CrashLoopBackOff',
      { withinMs: 20_000 },
    )
    for (let look = 0; look < 3; look += 1) {
      const { code, document } = await json('verify', 'crashing', '--timeout', '300ms')
      assert.deepEqual([code, document.verdict], [5, 'notNow'], JSON.stringify(document.findings))
    }
  })

  test('verify of several pods is as bad as the worst of them', async () => {
    await run(podOf('one', { resources: burstable }))
    await run(podOf('other', { resources: burstable }, { resources: burstable }))
    const good = await json('verify', 'one', 'pod/other', '-n', 'default')
    assert.equal(good.code, 0)
    assert.equal(good.document.kind, 'VerifyReportList')
    assert.equal(good.document.items[1].containers.length, 2)
    tree.write(await cgroupOf('other', 'c1'), { memoryLimit: bytes(48 * mebi) })
    assert.equal((await json('verify', 'one', 'other')).code, 3)
    const missing = await podfit.podfit(['verify', 'one', 'nope'])
    assert.deepEqual(
      [missing.code, missing.stderr],
      [1, 'podfit verify: Cannot verify: there is no pod nope in namespace default\n'],
    )
  })

  test('why names who holds the room, and the command that gives the resize up', async () => {
    const whole = await wholeNode()
    await run(podOf('holder', { resources: burstable }))
    await run(podOf('waiting', { resources: { requests: { cpu: '50m', memory: '16Mi' } } }))
    await podfit.podfit(['resize', 'waiting', '--cpu', `${whole}`, '--timeout', '500ms'])
    const { code, stdout } = await waitUntil(
      'the event to be told',
      () => podfit.podfit(['why', 'waiting']),
      (one) => /kubelet +ResizeDeferred: /.test(one.stdout),
    )
    assert.equal(code, 4)
    assert.match(stdout, /^ {2}holds {3}default\/holder 100m cpu, enough if it went\n/m)
    assert.match(stdout, /now +kernel +all \d+ cgroup files hold the size that is granted\n/)
    const [, command = ''] = /→ or give it up: podfit (.*)\n/.exec(stdout) ?? []
    const given = await podfit.podfit(command.split(' '))
    assert.equal(given.code, 0, given.stderr)
    assert.equal((await podfit.podfit(['why', 'waiting'])).code, 0)
  })

  test('verify names what somebody changed above the pod', async () => {
    await run(podOf('below', { resources: burstable }))
    // The cgroup of the class follows the pods of earlier tests while they go.
    await waitUntil('to be alone', async () => {
      const { items } = await kubectl.get<{ items: readonly Pod[] }>(['pods'])
      return items.length === 1 && (await json('verify', 'below')).code === 0
    })
    const klass = join(await cgroupOf('below'), '..')
    const { cpu, memoryLimit } = tree.read(klass)
    const shares = cpu.kind === 'shares' ? cpu.shares : cpuShares(102)
    for (const [knobs, code] of [
      [{ cpuShares: cpuShares(2000) }, 'CG402'],
      [{ memoryLimit: bytes(60 * mebi) }, 'CG401'],
    ] as const) {
      tree.write(klass, knobs)
      const { code: exit, document } = await json('verify', 'below')
      tree.write(klass, { cpuShares: shares, memoryLimit })
      const codes = document.findings.map((finding: { code: string }) => finding.code)
      assert.deepEqual([exit, codes], [4, [code]])
    }
    assert.equal((await json('verify', 'below')).code, 0)
  })

  test('get and top show every layer, and use from the cgroups of this machine', async () => {
    const command = ['sh', '-c', 'while :; do :; done']
    await run(podOf('burning', { resources: burstable, command }))
    const wide = await podfit.podfit(['get', 'burning', '-o', 'wide'])
    assert.match(
      wide.stdout,
      /\nburning +c0 +100m:200m +32Mi:64Mi +- +0 +100m +100m:200m +\d+ 20000(?: 100000)? +\d+m /,
    )
    const { document } = await json('top', 'burning')
    const [{ usageFrom, containers }] = document.items
    assert.equal(usageFrom, 'cgroups of this machine')
    const { cpu } = containers[0].usage
    // Its limit is 200m; the machine may be busy.
    assert.ok(cpu > 20 && cpu < 260, `${cpu}m`)
  })

  test('check finds nothing to complain of', async () => {
    const { code, document, stdout } = await json('check')
    assert.ok(code === 0 || code === 4, stdout)
    assert.deepEqual([document.kind, document.roles], ['CheckReport', []])
    const faults = document.sections.flatMap(({ checks }: { checks: { level: string }[] }) =>
      checks.filter(({ level }) => level === 'error'),
    )
    assert.deepEqual(faults, [])
    const told = new RegExp(`has cgroup ${tree.version} and the cgroupfs driver`)
    assert.match(stdout, told)
    assert.equal((await podfit.podfit(['check', '--pre'])).code, 0)
  })

  test('plan says what a resize then does', async () => {
    await run(podOf('planned', { resources: burstable }))
    const plan = await json('plan', 'planned', '--cpu', '150m:300m')
    assert.deepEqual([plan.code, plan.document.verdict], [0, 'accepted'])
    const resize = await json('resize', 'planned', '--cpu', '150m:300m')
    assert.equal(resize.code, 0, resize.stderr)
    const found = tree.read(await cgroupOf('planned', 'c0'))
    const text = JSON.stringify(plan.document.files.container)
    assert.ok(text.includes(`${found.cpuQuota}`), text)
    assert.equal((await podfit.podfit(['undo', '--yes'])).code, 0)
    assert.equal(
      (await kubectl.get<Pod>(['pod', 'planned'])).spec.containers[0]?.resources?.limits?.['cpu'],
      '200m',
    )
  })

  test('image load brings an archive into the containerd of --data-dir', async () => {
    const file = join(podfit.scratchDir, 'image.tar')
    const name = 'example.com/test/empty:1'
    const layer = [
      { kind: 'file', path: 'hello', mode: 0o644, content: Buffer.from('hi') },
    ] as const
    writeFileSync(file, await imageArchive(layer, [{ name, command: ['/hello'] }]))
    const loaded = await podfit.podfit(['image', 'load', file, '--data-dir', podfit.dataDir])
    assert.deepEqual([loaded.code, loaded.stdout], [0, `loaded ${name}\n`], loaded.stderr)
    const elsewhere = await podfit.podfit(['image', 'load', file, '--data-dir', '/nonexistent'])
    assert.equal(elsewhere.code, 1)
    assert.match(elsewhere.stderr, /no containerd of podfit runs in \/nonexistent/)
    const broken = await podfit.podfit([
      'image',
      'load',
      '/etc/passwd',
      '--data-dir',
      podfit.dataDir,
    ])
    assert.equal(broken.code, 1)
    assert.match(broken.stderr, /^podfit image: Cannot load \/etc\/passwd: [^\n]+\n$/)
  })

  test('--data-dir leads to the podfit of that directory', async () => {
    await run(podOf('found', { resources: burstable }))
    const child = spawn(podfitProgram, ['verify', 'found', '--data-dir', podfit.dataDir], {
      env: { ...process.env, KUBECONFIG: '' },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    assert.match(await text(child.stdout), /verified: all five layers agree\n/)
  })
})
