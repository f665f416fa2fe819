import assert from 'node:assert/strict'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { CoreV1Api, Exec, KubeConfig, makeInformer, type V1Status } from '@kubernetes/client-node'
import { milliValue, parseQuantity, wholeValue } from '../../src/domain/quantity/quantity.ts'
import type { Container, Pod } from '../../src/domain/pod.ts'
import { slow, slowness, waitUntil } from '../support/wait-until.ts'
import { expectCgroups, podCgroup } from './expect-size.ts'
import { conditionOf, idle, LiveNode, obedient, statusOf } from './live-node.ts'

let node: LiveNode
/** A directory of this machine that pods mount. */
let shared: string
let begun: number

const small = { requests: { cpu: '10m', memory: '8Mi' } }

function script(name: string, text: string): Container {
  return { name, image: 'busybox', command: ['sh', '-c', text], resources: small }
}

before(async () => {
  shared = mkdtempSync(join(tmpdir(), 'podfit-e2e-'))
  chmodSync(shared, 0o777)
  node = await LiveNode.start()
  // They need their time; what becomes of them is looked at last.
  const containers = [script('app', 'echo "run at $(date +%s)"; exit 3')]
  begun = Date.now()
  await Promise.all([
    node.create('crashing', { containers }),
    node.create('failing', { containers, restartPolicy: 'Never' }),
    node.create('succeeding', {
      containers: [script('app', 'exit 0')],
      restartPolicy: 'OnFailure',
    }),
    node.create('recovering', {
      restartPolicy: 'OnFailure',
      volumes: [{ name: 'scratch', emptyDir: {} }],
      containers: [
        {
          ...script('app', 'test -e /scratch/tried && exit 0; touch /scratch/tried; exit 1'),
          volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }],
        },
      ],
    }),
  ])
})
after(async () => {
  await node?.[Symbol.asyncDispose]()
  rmSync(shared, { recursive: true, force: true })
})

const exec = (pod: string, container: string, command: string): Promise<string> =>
  node.kubectl.run(['exec', pod, '-c', container, '--', 'sh', '-c', command])

test('containers of one pod: command, args, variables, volumes, users, directories', async () => {
  writeFileSync(join(shared, 'given'), 'from the host\n')
  const env = [
    { name: 'GREETING', value: 'hello' },
    { name: 'CHAINED', value: '$(GREETING) world' },
    { name: 'EMPTY' },
    { name: 'PLAIN', value: '$$(GREETING) $(NOBODY) $GREETING' },
  ]
  const volumeMounts = [
    { name: 'scratch', mountPath: '/scratch' },
    { name: 'host', mountPath: '/host', subPath: '' },
  ]
  const volumes = [
    { name: 'scratch', emptyDir: {} },
    { name: 'host', hostPath: { path: shared, type: 'Directory' } },
  ]
  const writes = `id -u >/scratch/user; id -g >>/scratch/user; pwd >/scratch/directory
    printf '%s\\n' "$0" "$@" "$CHAINED" "$PLAIN" "[$EMPTY]" >/scratch/words
    ${obedient[2]}`
  await node.run('several', {
    volumes,
    securityContext: { runAsUser: 1234, runAsGroup: 2345 },
    containers: [
      {
        ...idle('writer', small),
        command: ['sh', '-c', writes, 'zero $(GREETING)'],
        args: ['$(CHAINED)', '$$(CHAINED)', '$(NOBODY)', ''],
        workingDir: '/var',
        env,
        volumeMounts,
      },
      {
        ...idle('reader', small),
        securityContext: { runAsUser: 0 },
        volumeMounts: volumeMounts.map((mount) => ({ ...mount, readOnly: true })),
      },
    ],
  })
  const read = (file: string): Promise<string> => exec('several', 'reader', `cat ${file}`)
  const words = await waitUntil('the words', () => read('/scratch/words'))
  const expected = [
    'zero hello',
    'hello world',
    '$(CHAINED)',
    '$(NOBODY)',
    '',
    'hello world',
    '$(GREETING) $(NOBODY) $GREETING',
    '[]',
  ]
  assert.deepEqual(words.split('\n').slice(0, -1), expected)
  assert.equal(await read('/scratch/user'), '1234\n2345\n')
  assert.equal(await read('/scratch/directory'), '/var\n')
  assert.equal(await read('/host/given'), 'from the host\n')
  assert.equal(await exec('several', 'reader', 'id -u'), '0\n')
  await exec('several', 'writer', 'echo from the pod >/host/taken')
  assert.equal(readFileSync(join(shared, 'taken'), 'utf8'), 'from the pod\n')
  await assert.rejects(exec('several', 'reader', 'touch /host/no'), /Read-only file system/)
  const pod = await node.get('several')
  assert.notEqual(statusOf(pod, 'writer').containerID, statusOf(pod, 'reader').containerID)
  expectCgroups(node, pod)
})

test('containers of one pod share their network, and reach each other by localhost', async () => {
  const address = (await node.get('several')).status?.podIP ?? ''
  assert.match(address, /^\d+\.\d+\.\d+\.\d+$/)
  const listen = 'echo heard >/tmp/x; nc -l -p 7777 </tmp/x >/dev/null 2>&1 &'
  await exec('several', 'reader', listen)
  const ask =
    'for i in 1 2 3 4 5 6 7 8 9; do nc -w 2 127.0.0.1 7777 </dev/null && break; sleep 0.2; done'
  assert.equal(await exec('several', 'writer', ask), 'heard\n')
  assert.match(await exec('several', 'writer', 'hostname'), /^several\n$/)
})

test('exec: standard input, exit code, errors, a container that is not there', async () => {
  const { kubectl } = node
  const cat = [
    'exec',
    '-i',
    'several',
    '-c',
    'reader',
    '--',
    'sh',
    '-c',
    'tr a-z A-Z; echo oops >&2; exit 7',
  ]
  const { code, stdout, stderr } = await kubectl.try(cat, { input: 'to upper case\n' })
  assert.deepEqual([code, stdout], [7, 'TO UPPER CASE\n'])
  assert.equal(stderr, 'oops\ncommand terminated with exit code 7\n')
  const large = 'x'.repeat(300_000)
  const count = ['exec', '-i', 'several', '-c', 'reader', '--', 'wc', '-c']
  assert.equal((await kubectl.run(count, { input: large })).trim(), '300000')
  const first = await kubectl.try(['exec', 'several', '--', 'true'])
  assert.equal(first.stderr, 'Defaulted container "writer" out of: writer, reader\n')
  const missing = await kubectl.try(['exec', 'several', '-c', 'nobody', '--', 'true'])
  assert.match(missing.stderr, /container nobody is not valid for pod several/)
  const program = await kubectl.try(['exec', 'several', '-c', 'reader', '--', '/nothing'])
  assert.notEqual(program.code, 0)
  assert.match(program.stderr, /no such file or directory/i)
})

test('logs: all, of one container, the last lines, with times, of the run before, followed', async () => {
  const { kubectl } = node
  const chatty =
    'for i in 1 2 3 4 5; do echo "line $i"; done; echo "line 6" >&2; until [ -e /go ]; do sleep 0.1; done; echo end'
  await node.run('chatty', {
    containers: [script('app', `${chatty}; ${obedient[2]}`), idle('silent', small)],
  })
  const logs = (...args: readonly string[]) => kubectl.run(['logs', 'chatty', '-c', 'app', ...args])
  const lines = [1, 2, 3, 4, 5, 6].map((number) => `line ${number}`)
  const logged = (...expected: readonly string[]) =>
    waitUntil('the log', logs, (one) =>
      isDeepStrictEqual(one.trimEnd().split('\n').toSorted(), expected),
    )
  // What goes to stdout and what goes to stderr take ways of their own.
  await logged(...lines)
  await exec('chatty', 'app', 'touch /go')
  await logged('end', ...lines)
  assert.equal(await logs('--tail=1'), 'end\n')
  assert.equal((await logs('--tail=3')).split('\n').length, 4)
  const timed =
    (await logs('--timestamps')).split('\n').find((line) => line.endsWith(' line 1')) ?? ''
  const [at = ''] = timed.split(' ')
  assert.match(timed, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}(Z|[+-]\d\d:\d\d) line 1$/)
  assert.ok(Math.abs(Date.parse(at) - Date.now()) < slow(60_000), at)
  assert.equal((await logs('--since=1h', '--limit-bytes=8')).length, 8)
  assert.equal(await logs(`--since-time=${new Date(Date.now() + 3_600_000).toISOString()}`), '')
  assert.match(
    await kubectl.run(['logs', 'chatty', '--all-containers', '--prefix']),
    /^\[pod\/chatty\/app\] line 1$/m,
  )
  const previous = await kubectl.try(['logs', 'chatty', '-c', 'app', '--previous'])
  assert.equal(previous.code, 1)
  assert.match(previous.stderr, /previous terminated container "app" in pod "chatty" not found/)

  const following = kubectl.start(['logs', '-f', 'chatty', '-c', 'app', '--tail=1'])
  let followed = ''
  following.stdout.setEncoding('utf8').on('data', (chunk: string) => (followed += chunk))
  await waitUntil('the log to be followed', () => followed === 'end\n')
  await exec('chatty', 'app', 'echo more >/proc/1/fd/1')
  await waitUntil('the new line to be seen', () => followed === 'end\nmore\n', Boolean)
  // Following ends by itself with the container.
  const ended = once(following, 'exit')
  await node.delete('chatty')
  assert.equal((await ended)[0], 0)
})

test('the node says truly what it has', async () => {
  const { kubectl } = node
  const { status } = await node.node()
  for (const list of [status.capacity, status.allocatable]) {
    assert.equal(
      milliValue(parseQuantity(list['cpu'] ?? '') ?? assert.fail()),
      cpus().length * 1000,
    )
    assert.equal(wholeValue(parseQuantity(list['memory'] ?? '') ?? assert.fail()), totalmem())
    assert.equal(list['pods'], '250')
  }
  assert.match(status.nodeInfo['containerRuntimeVersion'] ?? '', /^containerd:\/\/\d+\.\d+\.\d+/)
  assert.equal(
    status.nodeInfo['kernelVersion'],
    readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim(),
  )
  const name = String(node.podfit.ready['nodeName'])
  const table = await kubectl.run(['get', 'nodes'])
  assert.match(table, new RegExp(`^NAME .*\\n${name} +Ready +`))
  const described = await kubectl.run(['describe', 'node', name])
  assert.match(described, /Non-terminated Pods: +\(\d+ in total\)/)
  assert.match(described, /default +several +20m \(\d+%\) +0 \(0%\) +16Mi/)
  await kubectl.run(['wait', '--for=condition=Ready', `node/${name}`, '--timeout=10s'])
})

test('describe and get show what is, and what happened', async () => {
  const { kubectl } = node
  const described = await waitUntil(
    'the events of the start',
    () => kubectl.run(['describe', 'pod', 'several']),
    (one) => /Started container reader|Container started/.test(one),
  )
  assert.match(described, /^Status: +Running$/m)
  assert.match(described, /^QoS Class: +Burstable$/m)
  assert.match(described, /Normal +Scheduled .* Successfully assigned default\/several to /)
  assert.match(described, /Normal +Created /)
  assert.match(described, /State: +Running\n +Started: +\w{3}, \d\d \w{3} \d{4}/)
  const table = await kubectl.run(['get', 'pod', 'several', '-o', 'wide'])
  assert.match(table, /\nseveral +2\/2 +Running +0 +\d+\w* +10\.\d+\.\d+\.\d+ /)
})

test('get -w and wait see a pod come and go', async () => {
  const { kubectl } = node
  const pod = (name: string, nodeSelector: Record<string, string>): Pod => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { watched: 'yes' } },
    spec: { containers: [idle('app', small)], nodeSelector },
  })
  // It stays Pending, and shows when kubectl has begun to watch.
  await kubectl.apply(pod('nowhere', { there: 'is-none' }))
  const watching = kubectl.start(['get', 'pods', '-w', '--no-headers', '-l=watched=yes'])
  let seen = ''
  watching.stdout.setEncoding('utf8').on('data', (chunk: string) => (seen += chunk))
  await waitUntil('the watch to begin', () => seen.includes('nowhere'))
  await kubectl.apply(pod('coming', {}))
  await kubectl.run(['wait', '--for=condition=Ready', 'pod/coming', `--timeout=${slow(20)}s`])
  const gone = kubectl.run(['wait', '--for=delete', 'pod/coming', `--timeout=${slow(20)}s`])
  assert.match(await kubectl.run(['delete', 'pod', 'coming']), /^pod "coming" deleted/)
  await gone
  const states = await waitUntil(
    'the watch to see the end',
    () => {
      const lines = seen
        .trimEnd()
        .split('\n')
        .map((line) => line.split(/ +/))
      return [...new Set(lines.flatMap(([name, , state]) => (name === 'coming' ? [state] : [])))]
    },
    (all) => all.includes('Terminating') || all.includes('Completed'),
  )
  watching.kill()
  assert.deepEqual(states.slice(0, 3), ['Pending', 'ContainerCreating', 'Running'])
  await kubectl.run(['delete', 'pod', 'nowhere'])
})

test('the grace period: whoever ends by himself is not waited for, whoever does not is killed after it', async () => {
  const dying = (name: string, trap: string): Container => ({
    ...script(
      'app',
      `trap '${trap}' TERM; echo ready >/host/${name}.ready; while :; do sleep 0.1; done`,
    ),
    volumeMounts: [{ name: 'host', mountPath: '/host' }],
  })
  const volumes = [{ name: 'host', hostPath: { path: shared } }]
  const start = (name: string, trap: string, terminationGracePeriodSeconds: number): Promise<Pod> =>
    node.run(name, { terminationGracePeriodSeconds, volumes, containers: [dying(name, trap)] })
  await Promise.all([
    start('polite', 'sleep 0.5; echo bye >/host/polite.bye; exit 0', 60),
    start('stubborn', '', 2),
    start('forced', '', 60),
  ])
  await waitUntil('the traps to be set', () =>
    ['polite', 'stubborn', 'forced'].every((name) => existsSync(join(shared, `${name}.ready`))),
  )
  const timeOf = async (name: string, graceSeconds?: number): Promise<number> => {
    const begin = performance.now()
    await node.delete(name, graceSeconds)
    const going = await node.get(name).catch(() => undefined)
    if (going !== undefined && graceSeconds !== 0) {
      assert.notEqual(going.metadata.deletionTimestamp, undefined)
    }
    await node.gone(name, { withinMs: 30_000 })
    return performance.now() - begin
  }
  const [polite, stubborn, forced] = await Promise.all([
    timeOf('polite'),
    timeOf('stubborn'),
    timeOf('forced', 1),
  ])
  assert.ok(polite >= 500 && polite < slow(10_000), `polite ended after ${polite} ms`)
  assert.equal(readFileSync(join(shared, 'polite.bye'), 'utf8'), 'bye\n')
  assert.ok(stubborn >= 2000 && stubborn < slow(10_000), `stubborn ended after ${stubborn} ms`)
  assert.ok(forced >= 1000 && forced < slow(10_000), `forced ended after ${forced} ms`)
})

test('a pod without grace is gone at once, and nothing of it stays', async () => {
  const pod = await node.run('unloved', { containers: [idle('app', small)] })
  const cgroup = podCgroup(node, pod)
  assert.ok(node.tree.exists(cgroup))
  await node.kubectl.run(['delete', 'pod', 'unloved', '--grace-period=0', '--force'])
  await node.gone('unloved')
  await waitUntil('its cgroup to be gone', () => !node.tree.exists(cgroup))
  const left = join(node.podfit.dataDir, 'pods', pod.metadata.uid ?? '')
  await waitUntil('its volumes to be gone', () => !existsSync(left))
  const logs = join(node.podfit.dataDir, 'logs', 'pods')
  const ofPod = (): string[] =>
    readdirSync(logs).filter((name) => name.endsWith(`_${pod.metadata.uid}`))
  await waitUntil('its logs to be gone', ofPod, ({ length }) => length === 0)
})

test('pods that do not fit wait, say why, and run when there is room', async () => {
  const { kubectl } = node
  const whole = cpus().length * 1000
  const request = (share: number) => ({ requests: { cpu: `${Math.floor(whole * share)}m` } })
  await node.run('large', { containers: [idle('app', request(0.6))] })
  await node.create('waiting', { containers: [idle('app', request(0.5))] })
  await node.create('greedy', { containers: [idle('app', { requests: { memory: '1Ti' } })] })
  const message = '0/1 nodes are available: 1 Insufficient'
  const waiting = await node.until('waiting', 'be unschedulable', (pod) =>
    (conditionOf(pod, 'PodScheduled')?.message ?? '').startsWith(`${message} cpu.`),
  )
  assert.equal(waiting.status?.phase, 'Pending')
  const scheduled = conditionOf(waiting, 'PodScheduled')
  assert.deepEqual([scheduled?.status, scheduled?.reason], ['False', 'Unschedulable'])
  await node.until('greedy', 'be unschedulable', (pod) =>
    (conditionOf(pod, 'PodScheduled')?.message ?? '').startsWith(`${message} memory.`),
  )
  const described = await waitUntil(
    'the event of it',
    () => kubectl.run(['describe', 'pod', 'waiting']),
    (one) => one.includes('FailedScheduling'),
  )
  assert.match(
    described,
    /Warning +FailedScheduling .* 0\/1 nodes are available: 1 Insufficient cpu\./,
  )
  await node.remove('large')
  await node.until('waiting', 'run', ({ status }) => status?.phase === 'Running', {
    withinMs: 5000,
  })
  // Room that a resize gives back counts, too.
  await node.create('second', { containers: [idle('app', request(0.6))] })
  await node.until(
    'second',
    'be unschedulable',
    (pod) => conditionOf(pod, 'PodScheduled')?.status === 'False',
  )
  await node.resize('waiting', { containers: [{ name: 'app', resources: request(0.1) }] })
  await node.until('second', 'run', ({ status }) => status?.phase === 'Running', { withinMs: 5000 })
  await node.remove('waiting', 'greedy', 'second')
})

test('a client of another make: @kubernetes/client-node creates, watches, resizes, runs, deletes', async () => {
  const config = new KubeConfig()
  config.loadFromFile(node.podfit.kubeconfig)
  const core = config.makeApiClient(CoreV1Api)
  const seen: string[] = []
  const namespace = 'default'
  const informer = makeInformer(config, `/api/v1/namespaces/${namespace}/pods`, () =>
    core.listNamespacedPod({ namespace }),
  )
  for (const verb of ['add', 'update', 'delete'] as const) {
    informer.on(verb, ({ metadata }) => metadata?.name === 'foreign' && seen.push(verb))
  }
  await informer.start()
  const resources = { requests: { cpu: '50m', memory: '16Mi' }, limits: { cpu: '100m' } }
  const container = { name: 'app', image: 'busybox', command: obedient, resources }
  const spec = { terminationGracePeriodSeconds: 1, containers: [container] }
  await core.createNamespacedPod({ namespace, body: { metadata: { name: 'foreign' }, spec } })
  await node.until('foreign', 'run', ({ status }) => status?.phase === 'Running')
  const body = [{ op: 'replace', path: '/spec/containers/0/resources/limits/cpu', value: '150m' }]
  await core.patchNamespacedPodResize({ name: 'foreign', namespace, body })
  expectCgroups(node, await node.settled('foreign'))
  const stdout = new PassThrough()
  const printed = text(stdout)
  const status = await new Promise<V1Status>((resolve, reject) => {
    new Exec(config)
      .exec(namespace, 'foreign', 'app', ['echo', 'hi'], stdout, null, null, false, resolve)
      .catch(reject)
  })
  stdout.end()
  assert.equal(status.status, 'Success')
  assert.equal(await printed, 'hi\n')
  await core.deleteNamespacedPod({ name: 'foreign', namespace })
  await waitUntil('the informer to see the end', () => seen.at(-1) === 'delete')
  await informer.stop()
  assert.equal(seen[0], 'add')
})

test('restartPolicy Never and OnFailure: pods that end', async () => {
  const failed = await node.until('failing', 'fail', ({ status }) => status?.phase === 'Failed')
  const { state, restartCount } = statusOf(failed, 'app')
  assert.equal(restartCount, 0)
  assert.deepEqual([state?.terminated?.exitCode, state?.terminated?.reason], [3, 'Error'])
  const succeeded = await node.until(
    'succeeding',
    'succeed',
    ({ status }) => status?.phase === 'Succeeded',
  )
  assert.equal(statusOf(succeeded, 'app').state?.terminated?.reason, 'Completed')
  const recovered = await node.until(
    'recovering',
    'succeed',
    ({ status }) => status?.phase === 'Succeeded',
    { withinMs: 20_000 },
  )
  const again = statusOf(recovered, 'app')
  assert.equal(again.restartCount, 1)
  assert.equal(again.lastState?.terminated?.exitCode, 1)
  assert.equal(again.state?.terminated?.exitCode, 0)
  assert.match(
    await node.kubectl.run(['get', 'pods']),
    /\nfailing +0\/1 +Error +0 .*\n(.*\n)*succeeding +0\/1 +Completed +0 /,
  )
})

test('restartPolicy Always: a container that crashes is restarted, ever later', async () => {
  const { kubectl } = node
  const crashing = await node.until(
    'crashing',
    'have crashed three times',
    (pod) => {
      const { restartCount, state } = statusOf(pod, 'app')
      return restartCount >= 2 && state?.waiting?.reason === 'CrashLoopBackOff'
    },
    { withinMs: 40_000, everyMs: 100 },
  )
  // The first restart is at once, the second 10 s after the exit, the third 20 s.
  assert.ok(Date.now() - begun >= 10_000)
  const { state, lastState, restartCount, ready } = statusOf(crashing, 'app')
  assert.equal(ready, false)
  const backOff = ['10s', '20s', '40s', '1m20s', '2m40s', '5m0s'][restartCount - 1]
  const who = `container=app pod=crashing_default(${crashing.metadata.uid})`
  assert.equal(state?.waiting?.message, `back-off ${backOff} restarting failed ${who}`)
  assert.deepEqual([lastState?.terminated?.exitCode, lastState?.terminated?.reason], [3, 'Error'])
  assert.equal(crashing.status?.phase, 'Running')
  // It may be restarted while this is looked at, and events are written beside the status.
  const row = /\ncrashing +0\/1 +CrashLoopBackOff +\d+ \(\d+m?\d*s ago\) /
  const table = () => kubectl.run(['get', 'pod', 'crashing'])
  await waitUntil('the row of it', table, (one) => row.test(one))
  const runs = async () => [
    await kubectl.run(['logs', 'crashing', '--previous']),
    await kubectl.run(['logs', 'crashing']),
  ]
  const isRun = (log: string): boolean => /^run at \d+\n$/.test(log)
  await waitUntil('the last two runs', runs, ([before = '', last = '']) => {
    return isRun(before) && isRun(last) && before < last
  })
  const told = [
    /Last State: +Terminated\n +Reason: +Error\n +Exit Code: +3/,
    /Warning +BackOff .* Back-off restarting failed container app in pod crashing_default/,
    ...(slowness === 1 ? [/Normal +Created .*\(x([3-9]|\d\d) over /] : []),
  ]
  const described = () => kubectl.run(['describe', 'pod', 'crashing'])
  await waitUntil('all of it', described, (one) => told.every((part) => part.test(one)))
})
