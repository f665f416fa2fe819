import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { leftoversOf, marksOf } from '../support/leftovers.ts'
import { podfitProgram } from '../support/podfit-process.ts'
import { runProgram, type ProgramResult } from '../support/run-program.ts'
import { slowness, waitUntil } from '../support/wait-until.ts'
import { containerCgroup, expectCgroups, podCgroup } from './expect-size.ts'
import { conditionOf, idle, LiveNode } from './live-node.ts'

let node: LiveNode
let directory: string

const size = { requests: { cpu: '20m', memory: '16Mi' }, limits: { cpu: '100m', memory: '32Mi' } }

before(async () => {
  directory = mkdtempSync(join(tmpdir(), 'podfit-up-'))
  // What a test changes by hand is to stay until somebody looks.
  node = await LiveNode.start({ args: ['--on-drift', 'report'] })
  await node.run('web', { containers: [idle('app', size)] })
})
after(async () => {
  await node?.[Symbol.asyncDispose]()
  rmSync(directory, { recursive: true, force: true })
})

/** It fails with this exit code and one line. */
function expectLine(result: ProgramResult, code: number, line: string | RegExp): void {
  assert.equal(result.code, code, result.stderr)
  assert.equal(result.stdout, '')
  if (typeof line === 'string') assert.equal(result.stderr, `${line}\n`)
  else assert.match(result.stderr, line)
  assert.equal(result.stderr.trimEnd().split('\n').length, 1, result.stderr)
}

const podfit = (...args: readonly string[]): Promise<ProgramResult> =>
  runProgram(podfitProgram, args, { env: { KUBECONFIG: node.podfit.kubeconfig } })

/** Whether the podfit of these tests still does its work. */
async function expectWellAlive(): Promise<void> {
  const before = await node.get('web')
  assert.equal(conditionOf(before, 'Ready')?.status, 'True')
  assert.match(await node.kubectl.run(['exec', 'web', '--', 'echo', 'alive']), /^alive$/m)
}

test('a second podfit up on the same directory: one line, and the first goes on', async () => {
  const { dataDir, pid, server } = node.podfit
  const result = await podfit('up', '--data-dir', dataDir, '--listen', '127.0.0.1:0')
  expectLine(
    result,
    1,
    `podfit up: Cannot start in ${dataDir}: podfit runs there already (pid ${pid}, ${server}); stop it with podfit down, or name another --data-dir`,
  )
  await expectWellAlive()
})

test('the port is taken: one line, and nothing stays behind', async () => {
  const dataDir = join(directory, 'port')
  const address = new URL(node.podfit.server).host
  const result = await podfit('up', '--data-dir', dataDir, '--listen', address)
  expectLine(
    result,
    1,
    `podfit up: Cannot listen on ${address}: another process is using this port; stop it, or name another one with --listen`,
  )
  assert.equal(existsSync(join(dataDir, 'containerd')), false)
  const marks = marksOf(dataDir)
  await waitUntil(
    'nothing to be left but files',
    () => leftoversOf(marks).filter((one) => one !== `directory ${dataDir}`),
    (left) => left.length === 0,
  )
  await expectWellAlive()
})

test('not root: one line, and nothing is written', async () => {
  const dataDir = join(directory, 'nobody')
  const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups', podfitProgram]
  for (const [verb, act] of [
    ['up', 'start'],
    ['down', 'stop podfit'],
  ] as const) {
    const result = await runProgram('setpriv', [...nobody, verb, '--data-dir', dataDir])
    const why = `Cannot ${act}: containers and cgroups need root; run with sudo`
    expectLine(result, 1, `podfit ${verb}: ${why}`)
  }
  assert.equal(existsSync(dataDir), false)
})

test('a package is missing: one line that names it and the command that installs it', async () => {
  const dataDir = join(directory, 'missing')
  // There may be one more, put first in PATH.
  const hide = `IFS=:
    for dir in $PATH; do
      [ ! -e "$dir/containerd" ] || mount --bind /dev/null "$dir/containerd" || exit
    done
    exec "$0" "$@"`
  const up = [podfitProgram, 'up', '--data-dir', dataDir, '--listen', '127.0.0.1:0']
  const result = await runProgram('unshare', ['--mount', 'sh', '-c', hide, ...up])
  expectLine(result, 1, /^podfit up: .*containerd.*apt-get install -y containerd/)
  assert.deepEqual(leftoversOf(marksOf(dataDir)), [])
})

test('a name that no node can have, or a file for a directory: one line, and nothing is started', async () => {
  const dataDir = join(directory, 'named')
  const named = await podfit('up', '--data-dir', dataDir, '--node-name', 'my_host')
  expectLine(named, 1, /^podfit up: Cannot name the node 'my_host': it takes .* --node-name$/m)
  assert.equal(existsSync(dataDir), false)
  writeFileSync(dataDir, '')
  const line = `podfit up: Cannot keep data in ${dataDir}: a file is in the way; name another directory with --data-dir`
  expectLine(await podfit('up', '--data-dir', dataDir), 1, line)
})

test('a database of a newer podfit: one line, and nothing is started or changed', async () => {
  for (const name of ['api.db', 'node.db']) {
    const dataDir = join(directory, `newer-${name}`)
    const file = join(dataDir, name)
    mkdirSync(dataDir)
    {
      using db = new DatabaseSync(file)
      db.exec('PRAGMA journal_mode = WAL; PRAGMA user_version = 9')
    }
    const before = readFileSync(file)
    expectLine(
      await podfit('up', '--data-dir', dataDir, '--listen', '127.0.0.1:0'),
      1,
      `podfit up: Cannot use ${file}: a newer podfit wrote it in format 9, and this one reads up to format 1; use that podfit, or name another directory with --data-dir`,
    )
    assert.deepEqual(readFileSync(file), before)
    assert.deepEqual(readdirSync(dataDir), [name])
  }
})

test('no runtime at the named endpoint: one line, and nothing is written', async () => {
  const dataDir = join(directory, 'foreign')
  const endpoint = `unix://${directory}/nobody.sock`
  const args = ['--data-dir', dataDir, '--listen', '127.0.0.1:0', '--runtime-endpoint', endpoint]
  const result = await podfit('up', ...args)
  expectLine(result, 1, /^podfit up: .*nobody\.sock/)
  assert.equal(existsSync(dataDir), false)
})

/** A podfit that starts on the directory does not get ready any more: its containerd is held. */
async function holdStart(dataDir: string): Promise<void> {
  const pidFile = join(dataDir, 'containerd/containerd.pid')
  const pid = await waitUntil(
    'its containerd to be started',
    () => Number(readFileSync(pidFile, 'utf8')),
    (one) => one > 0,
    { everyMs: 5 },
  )
  process.kill(pid, 'SIGSTOP')
}

test('podfit down while podfit up is starting: it stops, and nothing is left', async () => {
  const dataDir = join(directory, 'early')
  const starting = podfit('up', '--data-dir', dataDir, '--listen', '127.0.0.1:0')
  await holdStart(dataDir)
  const marks = marksOf(dataDir)
  const down = await podfit('down', '--data-dir', dataDir, '--purge')
  assert.equal(down.code, 0, down.stderr)
  assert.match(down.stderr, /^podfit stopped \(pid \d+\)$/m)
  const { code, stdout, stderr } = await starting
  assert.equal(code, 130, stderr)
  assert.equal(stdout, '')
  assert.match(stderr, /^podfit up: Stopped by a signal before it was ready\n$/m)
  await waitUntil(
    'nothing to be left',
    () => leftoversOf(marks),
    (left) => left.length === 0,
  )
})

test('Ctrl-C while podfit up --detach is starting: it ends in the background, too', async () => {
  const dataDir = join(directory, 'detached')
  const args = ['up', '--detach', '--data-dir', dataDir, '--listen', '127.0.0.1:0']
  const starting = spawn(podfitProgram, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const said = text(starting.stderr)
  await holdStart(dataDir)
  const marks = marksOf(dataDir)
  starting.kill('SIGINT')
  const [code] = await once(starting, 'close')
  assert.equal(code, 130, await said)
  assert.match(await said, /^podfit up: Stopped by a signal before it was ready\n$/m)
  await waitUntil(
    'nothing to be left but files',
    () => leftoversOf(marks).join(),
    (left) => left === `directory ${dataDir}`,
  )
})

test("podfit down --purge of a directory that is not podfit's: one line, and nothing is removed", async () => {
  const dataDir = join(directory, 'thesis')
  mkdirSync(join(dataDir, 'pods'), { recursive: true })
  writeFileSync(join(dataDir, 'thesis.tex'), 'ten years')
  const line = `podfit down: Cannot stop podfit in ${dataDir}: podfit was never started there; what is in it was left alone`
  expectLine(await podfit('down', '--data-dir', dataDir, '--purge'), 2, line)
  assert.deepEqual(readdirSync(dataDir).toSorted(), ['pods', 'thesis.tex'])
})

test('a wrong command line: one line and exit code 2', async () => {
  const cases: [readonly string[], string][] = [
    [['up', '--nonsense'], "podfit up: unknown option '--nonsense'; see podfit up --help"],
    [['nonsense'], "podfit: unknown command 'nonsense'; see podfit --help"],
    [
      ['up', '--listen', 'here'],
      "podfit up: option '--listen <address:port>' argument 'here' is invalid. It must be ADDRESS:PORT, such as 127.0.0.1:6443; see podfit up --help",
    ],
    [['resize', 'web'], 'podfit resize: Cannot resize to nothing: give --cpu, --memory or both'],
    [
      ['resize', 'web', '--cpu', '1x'],
      'podfit resize: Cannot read "1x" as a cpu size: 1x is not a quantity. Write REQUEST or REQUEST:LIMIT, each such as 500m, 1.5, +20%, -100m or x2; an empty side stays as it is',
    ],
  ]
  for (const [args, line] of cases) expectLine(await podfit(...args), 2, line)
  const above = await podfit('resize', 'web', '--cpu', '200m:100m')
  expectLine(above, 2, /^podfit resize: Cannot use a cpu request of 200m with a limit of 100m: /)
  const other = await podfit('resize', 'web', '-c', 'nobody', '--cpu', '50m')
  expectLine(other, 2, /^podfit resize: .*nobody.*app/)
})

test('a pod that is not there: one line and exit code 1; a size that is refused: 3', async () => {
  const before = await node.get('web')
  expectLine(
    await podfit('resize', 'nobody', '--cpu', '50m'),
    1,
    'podfit resize: Cannot resize: there is no pod nobody in namespace default',
  )
  const refused = await podfit('resize', 'web', '--cpu', '500:500')
  assert.equal(refused.code, 3, refused.stderr)
  assert.match(
    refused.stderr,
    /\npodfit resize: The API server refuses \(Forbidden\): pods "web" is forbidden: node didn't have enough allocatable resources: cpu, requested: 500000, allocatable: \d+\n$/,
  )
  assert.deepEqual(await node.get('web'), before)
})

test('verify: five layers that agree, and a file that somebody changed by hand', async () => {
  const pod = await node.get('web')
  const good = await podfit('verify', 'web')
  assert.equal(good.code, 0, good.stdout)
  assert.match(good.stdout, /verified: all five layers agree\n$/)

  const isV2 = node.tree.version === 'v2'
  const file = isV2 ? 'cpu.max' : 'cpu.cfs_quota_us'
  const [right, wrong] = isV2 ? ['10000 100000', '7000 100000'] : ['10000', '7000']
  const mount = isV2 ? node.tree.mount : join(node.tree.mount, 'cpu')
  const path = join(mount, containerCgroup(node, pod, 'app'), file)
  assert.equal(readFileSync(path, 'utf8').trim(), right)
  writeFileSync(path, wrong ?? '')
  const bad = await podfit('verify', 'web')
  assert.equal(bad.code, 3, bad.stdout)
  assert.match(bad.stdout, new RegExp(`cpu limit +100m .* ${file} +${wrong} +${right} +differs`))
  assert.match(bad.stdout, /^CG101 .*\(container app\): /m)
  assert.match(bad.stdout, /not verified: CG101\n$/)
  const json = await podfit('verify', 'web', '-o', 'json')
  assert.equal(json.code, 3)
  const { verdict, findings } = JSON.parse(json.stdout)
  assert.equal(verdict, 'drift')
  assert.deepEqual(
    findings.map((one: { code: string; found: string; expected: string[] }) => [
      one.code,
      one.found,
      one.expected,
    ]),
    [['CG101', wrong, [right]]],
  )

  // A resize puts it right.
  const healed = await podfit('resize', 'web', '--cpu', '25m:120m')
  assert.equal(healed.code, 0, healed.stderr)
  expectCgroups(node, await node.get('web'))
})

test('resize: done and verified, by the command and by the kernel', async () => {
  const text = await podfit('resize', 'web', '--cpu', '30m:150m', '--memory', '24Mi:48Mi')
  assert.equal(text.code, 0, text.stderr)
  assert.match(
    text.stdout,
    /^done and verified: container app has cpu 30m:150m, memory 24Mi:48Mi after [\d.]+ m?s\n$/,
  )
  for (const layer of ['desired', 'allocated', 'status', 'container cgroup', 'pod cgroup']) {
    assert.match(text.stderr, new RegExp(`^✓ ${layer} +(\\d+(\\.\\d+)? m?s|unchanged)`, 'm'))
  }
  const pod = await node.get('web')
  expectCgroups(node, pod)
  assert.equal(node.tree.read(podCgroup(node, pod)).cpuQuota, 15_000)
  const json = await podfit('resize', 'web', '--memory', ':64Mi', '-o', 'json')
  assert.equal(json.code, 0, json.stderr)
  const { before, after, exitCode } = JSON.parse(json.stdout)
  assert.deepEqual([before.limits.memory, after.limits.memory, exitCode], ['48Mi', '64Mi', 0])
  assert.equal(after.requests.memory, '24Mi')
})

test('get, top, check and undo go by the cgroups of this machine, whatever their version', async () => {
  const wide = await podfit('get', 'web', '-o', 'wide')
  assert.match(wide.stdout, /\nweb +app +30m:150m +24Mi:64Mi .* 15000(?: 100000)? /)
  const top = await podfit('top', 'web', '-o', 'json')
  const [{ usageFrom, containers }] = JSON.parse(top.stdout).items
  assert.equal(usageFrom, 'cgroups of this machine')
  assert.ok(containers[0].usage.memory > 0)
  const check = await podfit('check')
  assert.match(check.stdout, new RegExp(`has cgroup ${node.tree.version} and the cgroupfs driver`))
  const { podfit: own } = node
  const resized = await own.podfit(['resize', 'web', '--memory', ':56Mi'])
  assert.equal(resized.code, 0, resized.stderr)
  const undone = await own.podfit(['undo'])
  assert.equal(undone.code, 0, undone.stderr)
  const pod = await node.get('web')
  expectCgroups(node, pod)
  assert.equal(pod.spec.containers[0]?.resources?.limits?.['memory'], '64Mi')
})

test('resize while the container runtime does not answer: timed out, exit code 5, done later', async () => {
  const pid = Number(readFileSync(join(node.podfit.dataDir, 'containerd/containerd.pid'), 'utf8'))
  const before = await node.get('web')
  process.kill(pid, 'SIGSTOP')
  try {
    const args = ['resize', 'web', '--cpu', '20m:100m', '--timeout', `${slowness}s`, '-o', 'json']
    const result = await podfit(...args)
    assert.equal(result.code, 5, result.stderr)
    const { outcome, exitCode } = JSON.parse(result.stdout)
    assert.deepEqual([outcome.kind, exitCode], ['timedOut', 5])
    expectCgroups(node, before)
  } finally {
    process.kill(pid, 'SIGCONT')
  }
  expectCgroups(node, await node.settled('web'))
})
