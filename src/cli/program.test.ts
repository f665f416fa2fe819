import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { FakePodApi, runningPod, settledStatus } from '../../test/support/fake-pod-api.ts'
import {
  callPodfit,
  servePodApi,
  stateDirectory,
  writeKubeconfig,
} from '../../test/support/served-pod-api.ts'
import { cpuOf, smallNode, willing } from '../../test/support/willing-node.ts'

const small = { requests: { cpu: '250m', memory: '64Mi' }, limits: { cpu: '500m', memory: '64Mi' } }
const large = { requests: { cpu: '500m', memory: '64Mi' }, limits: { cpu: '1', memory: '64Mi' } }

const directory = stateDirectory()

function podfit(args: readonly string[], env: Record<string, string> = {}) {
  return callPodfit(args, { XDG_STATE_HOME: directory, ...env })
}

/** The fake API on a socket, and a kubeconfig that leads to it. */
async function serve(api: FakePodApi) {
  const { url, [Symbol.asyncDispose]: close } = await servePodApi(api)
  const kubeconfig = join(directory, 'kubeconfig')
  writeKubeconfig(kubeconfig, { c: url })
  return {
    run: (...args: string[]) => podfit(args, { KUBECONFIG: kubeconfig }),
    [Symbol.asyncDispose]: close,
  }
}

test('podfit shows help with examples first', async () => {
  const { exit, stdout, stderr } = await podfit(['--help'])
  assert.equal(exit, 0)
  assert.equal(stderr, '')
  assert.ok(stdout.indexOf('Examples:') < stdout.indexOf('Usage:'))
  for (const verb of ['up', 'down', 'resize', 'verify', 'image', 'completion', 'version']) {
    assert.match(stdout, new RegExp(`^  ${verb} `, 'm'))
    const help = await podfit([verb, '--help'])
    assert.equal(help.exit, 0, verb)
    assert.match(help.stdout, /Examples:[^]*Usage:/, verb)
    const defaults = [...help.stdout.matchAll(/\(default: ([^)]*)\)/g)].map(([, value]) => value)
    for (const value of defaults) assert.doesNotMatch(value ?? '', /[{]|^\d{4,}$/, verb)
    assert.equal((await podfit(['help', verb])).stdout, help.stdout, verb)
  }
  assert.equal((await podfit([])).stdout, stdout)
})

test('podfit answers a wrong command line with one line and exit code 2', async () => {
  const cases: [string[], string][] = [
    [['reszie'], "podfit: unknown command 'reszie' (Did you mean resize?); see podfit --help\n"],
    [
      ['help', 'reszie'],
      "podfit: unknown command 'reszie' (Did you mean resize?); see podfit --help\n",
    ],
    [
      ['up', '--pod-cidr', '10.87.0.0/33'],
      "podfit up: option '--pod-cidr <cidr>' argument '10.87.0.0/33' is invalid. It must be an IPv4 network, such as 10.87.0.0/16; see podfit up --help\n",
    ],
    [
      ['up', '--container-log-max-size', '0'],
      "podfit up: option '--container-log-max-size <size>' argument '0' is invalid. It must be a size, such as 10Mi, or -1 for any; see podfit up --help\n",
    ],
    [
      ['up', '--container-log-max-files', '1'],
      "podfit up: option '--container-log-max-files <count>' argument '1' is invalid. It must be a number of files from 2 on; see podfit up --help\n",
    ],
    [
      ['up', '--runtime-endpoint', 'http://here'],
      "podfit up: Cannot use 'http://here': --runtime-endpoint takes unix:///PATH or an absolute path\n",
    ],
    [
      ['resize', 'web', '--cpuu', '1'],
      "podfit resize: unknown option '--cpuu' (Did you mean --cpu?); see podfit resize --help\n",
    ],
    [
      ['resize', '--cpu', '1'],
      'podfit resize: Cannot resize nothing: name pods, or choose them with -l LABELS or --all\n',
    ],
    [
      ['resize', 'web', '--cpu', '1', '--wave', '0'],
      "podfit resize: Cannot go in waves of '0': --wave takes a number of pods, or 1% to 100%\n",
    ],
    [
      ['plan', '--cpu', '1', '-A'],
      'podfit plan: Cannot plan whatever there is by -A alone: add -l LABELS, or --all\n',
    ],
    [
      ['verify', 'web', '-l', 'a=b'],
      'podfit verify: Cannot use names together with -l: give one of them\n',
    ],
    [
      ['-n', 'shop', 'verify', 'web'],
      'podfit: Cannot use -n before the verb: write podfit verify -n ...\n',
    ],
    [
      ['resize', '--all', '-n', '..', '--cpu', '1'],
      "podfit resize: Cannot use '..' as a namespace: names have lower-case letters, digits and '-'; without -n it is the context's\n",
    ],
    [
      ['get', '-n', ''],
      "podfit get: Cannot use '' as a namespace: names have lower-case letters, digits and '-'; without -n it is the context's\n",
    ],
    [
      ['plan', 'web', '--cpu', '1', '--node-cpu', '4'],
      'podfit plan: Cannot imagine a node for pods that have one: --node-cpu and --node-memory go with -f\n',
    ],
    [
      ['resize', '--resume', '--cpu', '2', '--dry-run=server', '--timeout', '1m'],
      'podfit resize: Cannot use --cpu and --dry-run with --resume: the run goes on as it began; podfit history shows it\n',
    ],
    [['resize', 'web'], 'podfit resize: Cannot resize to nothing: give --cpu, --memory or both\n'],
    [
      ['resize', 'web', 'deploy/web', '--cpu', '1'],
      "podfit resize: Cannot use 'deploy/web': pods can be named, as NAME or pod/NAME, or one workload, such as deploy/NAME\n",
    ],
    [
      ['resize', 'web', '--cpu', '1', '-o', 'xml'],
      "podfit resize: Cannot print as 'xml': -o takes json or yaml\n",
    ],
    [
      ['verify', 'web', '--kubeconfig', '/nonexistent/file'],
      'podfit verify: Cannot read kubeconfig /nonexistent/file: there is no such file\n',
    ],
    [
      ['completion', 'tcsh'],
      "podfit completion: Cannot write completion for 'tcsh': bash, zsh and fish are known\n",
    ],
    [
      ['image', 'load', '/nonexistent'],
      'podfit image: Cannot load /nonexistent: there is no such file\n',
    ],
  ]
  for (const [args, line] of cases) {
    assert.deepEqual(await podfit(args), { exit: 2, stdout: '', stderr: line }, args.join(' '))
  }
  const size = await podfit(['resize', 'web', '--cpu', 'much'])
  assert.equal(size.exit, 2)
  assert.match(size.stderr, /^podfit resize: Cannot read "much" as a cpu size: [^\n]+\n$/)
})

test('podfit says what broke off a call, and what helps against a refusal', async () => {
  const status = { kind: 'Status', code: 403, reason: 'Forbidden', message: 'not you' }
  const fetch = async () => Response.json(status, { status: 403 })
  await using cluster = await serve(Object.assign(new FakePodApi([]), { fetch }))
  const { exit, stderr } = await cluster.run('get')
  const line = 'podfit get: not you; podfit check says what is missing\n'
  assert.deepEqual([exit, stderr], [1, line])
  const env = { KUBECONFIG: join(directory, 'kubeconfig') }
  const aborted = await callPodfit(['get'], env, AbortSignal.abort())
  assert.deepEqual([aborted.exit, aborted.stderr], [130, 'podfit get: Interrupted\n'])
})

test('podfit shows a stack only with PODFIT_DEBUG', async () => {
  const args = ['resize', 'web']
  assert.doesNotMatch((await podfit(args)).stderr, /\bat /)
  assert.match((await podfit(args, { PODFIT_DEBUG: '1' })).stderr, /\n {4}at /)
})

test('podfit resize follows a resize; a kernel it cannot see makes it a warning', async () => {
  const api = new FakePodApi(runningPod(small))
  api.onPatched = () => api.setStatus(settledStatus(large, 2))
  api.nodes.set('n1', smallNode)
  await using cluster = await serve(api)
  const here = ['--source', 'machine']
  const { exit, stdout, stderr } = await cluster.run(
    'resize',
    'pod/web',
    '--cpu',
    '500m:1',
    ...here,
  )
  assert.equal(exit, 4)
  const timeless = (text: string) => text.replaceAll(/ +\d+(\.\d+)? m?s\b/g, ' TIME')
  assert.equal(
    timeless(stdout),
    'done: container app has cpu 500m:1, memory 64Mi:64Mi after TIME, by the API; ' +
      'the kernel was not seen: the pod runs on node n1 (192.0.2.1), not on this machine\n',
  )
  const lines = timeless(stderr).split('\n')
  assert.deepEqual(lines.slice(0, 4), [
    'pod web, container app (request:limit)',
    '  cpu    250m:500m → 500m:1',
    '  memory 64Mi:64Mi (unchanged)',
    '  restart none',
  ])
  assert.deepEqual(lines.slice(4).toSorted(), [
    '',
    '? container cgroup              the pod runs on node n1 (192.0.2.1), not on this machine',
    '? pod cgroup                    the pod runs on node n1 (192.0.2.1), not on this machine',
    '✓ allocated TIME',
    '✓ desired TIME   generation 2',
    '✓ status TIME',
  ])
})

test('podfit resize -o json prints one document on stdout', async () => {
  const api = new FakePodApi(runningPod(small))
  api.onPatched = () => api.setStatus(settledStatus(large, 2))
  await using cluster = await serve(api)
  const { exit, stdout } = await cluster.run('resize', 'web', '--cpu', '500m:1', '-o', 'json')
  const document = JSON.parse(stdout)
  assert.equal(document.apiVersion, 'podfit.dev/v1')
  assert.equal(document.kind, 'ResizeReport')
  assert.deepEqual(document.before, small)
  assert.deepEqual(document.after, large)
  assert.equal(document.outcome.kind, 'done')
  assert.equal(document.exitCode, exit)
  assert.deepEqual(
    document.layers.map(({ layer, state }: { layer: string; state: string }) => [layer, state]),
    [
      ['desired', 'reached'],
      ['allocated', 'reached'],
      ['status', 'reached'],
      ['containerCgroup', 'unseen'],
      ['podCgroup', 'unseen'],
    ],
  )
})

test('a selection is a list for programs, also where it finds a single pod', async () => {
  const pod = runningPod(small)
  const labels = { app: 'web' }
  const api = willing(new FakePodApi({ ...pod, metadata: { ...pod.metadata, labels } }))
  await using cluster = await serve(api)
  const kindOf = async (...args: string[]) =>
    JSON.parse((await cluster.run(...args, '-l', 'app=web', '-o', 'json')).stdout).kind
  const cpu = ['--cpu', '300m']
  assert.equal(await kindOf('plan', ...cpu), 'ResizePlanList')
  assert.equal(await kindOf('resize', ...cpu, '--dry-run=client'), 'ResizePlanList')
  assert.equal(await kindOf('resize', ...cpu), 'ResizeReportList')
  assert.equal(await kindOf('resize', ...cpu), 'VerifyReportList')
})

test('podfit resize shows the refusal of the API server and changes nothing', async () => {
  const api = new FakePodApi(runningPod(small))
  const message =
    'Pod "web" is invalid: spec: Invalid value: "Burstable": Pod QOS Class may not change as a result of resizing'
  api.failNextPatch = { code: 422, reason: 'Invalid', message }
  await using cluster = await serve(api)
  const { exit, stdout, stderr } = await cluster.run('resize', 'web', '--cpu', '500m:1')
  assert.equal(exit, 3)
  assert.equal(stdout, '')
  assert.equal(
    stderr.split('\n').at(-2),
    `podfit resize: The API server refuses (Invalid): ${message}`,
  )
})

test('podfit resize --dry-run=client sends nothing, =server keeps nothing', async () => {
  const api = new FakePodApi(runningPod(small))
  await using cluster = await serve(api)
  const client = await cluster.run('resize', 'web', '--cpu', 'x2', '--dry-run=client')
  assert.deepEqual([client.exit, client.stdout], [0, 'pod web: not sent (dry run)\n'])
  assert.equal(api.patches.length, 0)
  const dry = await cluster.run('resize', 'web', '--cpu', 'x2:x2', '--dry-run=server')
  assert.deepEqual([dry.exit, dry.stdout], [0, 'pod web: accepted by the API server (dry run)\n'])
  assert.equal(api.patches.length, 1)
  assert.equal(api.pod.metadata.generation, 1)
})

test('podfit resize of what is not there ends with exit code 1 or 2', async () => {
  const api = new FakePodApi(runningPod(small))
  await using cluster = await serve(api)
  const noPod = await cluster.run('resize', 'nope', '--cpu', '1:1')
  assert.deepEqual(
    [noPod.exit, noPod.stderr],
    [1, 'podfit resize: Cannot resize: there is no pod nope in namespace default\n'],
  )
  const noContainer = await cluster.run('resize', 'web', '-c', 'nope', '--cpu', '1:1')
  assert.deepEqual(
    [noContainer.exit, noContainer.stderr],
    [2, 'podfit resize: Cannot find container nope in pod web: it has app\n'],
  )
  assert.equal(api.patches.length, 0)
})

test('podfit verify prints reports as a table, as one document, or as a list of them', async () => {
  const api = new FakePodApi(runningPod(small))
  await using cluster = await serve(api)
  const table = await cluster.run('verify', 'web', '--source', 'machine')
  assert.equal(table.exit, 4)
  assert.equal(
    table.stdout,
    `pod default/web on node n1
cgroups: the pod runs on node n1 (192.0.2.1), not on this machine

                   DESIRED   ALLOCATED   STATUS   CGROUP FILE   SAYS   SHOULD SAY
container app
  cpu request      250m      250m        250m
  cpu limit        500m      -           500m
  memory request   64Mi      64Mi        64Mi
  memory limit     64Mi      -           64Mi
pod
  cpu request      250m      -           -
  cpu limit        500m      -           -
  memory request   64Mi      -           -
  memory limit     64Mi      -           -

CG301 The cgroups cannot be seen from here: the pod runs on node n1 (192.0.2.1), not on this machine
      likely cause: The pod runs on another machine, and no shell could be started in its containers
      cure: Run podfit verify on the node, or get the permission to create pods/exec
no difference was seen, but mind the warnings above
`,
  )
  const one = JSON.parse((await cluster.run('verify', 'web', '-o', 'json')).stdout)
  assert.deepEqual([one.kind, one.name, one.verdict], ['VerifyReport', 'web', 'warnings'])
  assert.deepEqual(one.findings[0].level, 'warning')
})

test('podfit verify takes names, a selector, or everything, as kubectl does', async () => {
  const labelled = runningPod(small, {}, 'db')
  const db = { ...labelled, metadata: { ...labelled.metadata, labels: { app: 'db' } } }
  await using cluster = await serve(new FakePodApi([runningPod(small), db]))
  async function verified(...args: readonly string[]) {
    const { stdout, stderr } = await cluster.run('verify', ...args, '-o', 'json')
    const { kind, items } = JSON.parse(stdout)
    return [kind, ...items.map(({ name }: { name: string }) => name), stderr]
  }
  const list = 'VerifyReportList'
  assert.deepEqual(await verified('web', 'db', 'web'), [list, 'web', 'db', ''])
  assert.deepEqual(await verified('-l', 'app=db'), [list, 'db', ''])
  assert.deepEqual(await verified('pods'), [list, 'db', 'web', ''])
  assert.deepEqual(await verified('-A'), [list, 'db', 'web', ''])
  assert.deepEqual(await verified('-l', 'app=x'), [list, 'No pods found in namespace default\n'])
})

test('podfit get and top show sizes; use comes from metrics.k8s.io where the pod is elsewhere', async () => {
  const api = new FakePodApi([runningPod(small), runningPod(small, {}, 'db')])
  const usage = { cpu: '123m', memory: '20Mi' }
  const metadata = { name: 'web', namespace: 'default' }
  api.others.set('GET /apis/metrics.k8s.io/v1beta1/namespaces/default/pods', {})
  await using cluster = await serve(api)
  assert.equal(
    (await cluster.run('get')).stdout,
    `POD   CONTAINER   CPU         MEMORY      RESIZE   RESTARTS
db    app         250m:500m   64Mi:64Mi   -        0
web   app         250m:500m   64Mi:64Mi   -        0
`,
  )
  const one = JSON.parse((await cluster.run('get', 'web', '-o', 'json')).stdout)
  assert.deepEqual([one.kind, one.name], ['PodSize', 'web'])
  api.others.set('GET /apis/metrics.k8s.io/v1beta1/namespaces/default/pods', {
    items: [{ metadata, containers: [{ name: 'app', usage }] }],
  })
  const { items } = JSON.parse((await cluster.run('top', '-o', 'json')).stdout)
  assert.deepEqual(
    items.map(
      ({
        containers: [{ usage }],
        usageFrom,
      }: {
        containers: [{ usage: object }]
        usageFrom: string
      }) => [usage, usageFrom],
    ),
    [
      [undefined, 'nowhere'],
      [{ cpu: 123, memory: 20 * 2 ** 20 }, 'metrics.k8s.io'],
    ],
  )
  const { usageFrom, containers } = JSON.parse(
    (await cluster.run('get', 'web', '-o', 'json')).stdout,
  )
  assert.deepEqual([usageFrom, containers[0].usage.cpu], ['metrics.k8s.io', 123])
  assert.match(
    (await cluster.run('get', 'web', '-o', 'wide')).stdout,
    /\nweb +app .* 250m +250m:500m +- +123m +64Mi +64Mi:64Mi +- +20Mi +Burstable +n1\n/,
  )
  assert.match(
    (await cluster.run('top', 'web')).stdout,
    /\nweb +app +123m +250m:500m +250m +250m:500m +20Mi /,
  )
})

test('podfit get and top show the size of a pod that has one of its own', async () => {
  const pod = runningPod({ requests: { cpu: '20m' } })
  const resources = { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '200m' } }
  const api = new FakePodApi({ ...pod, spec: { ...pod.spec, resources } })
  api.others.set('GET /apis/metrics.k8s.io/v1beta1/namespaces/default/pods', { items: [] })
  await using cluster = await serve(api)
  const { stdout } = await cluster.run('get')
  assert.match(stdout, /\nweb +\(pod\) +100m:200m +64Mi:none +- +-\n/)
  assert.match((await cluster.run('top')).stdout, /\nweb +\(pod\) +- +100m:200m .* 64Mi:none /)
})

test('podfit plan -f judges a manifest by the rules of the API server, without a cluster', async () => {
  const { status: _status, ...manifest } = runningPod(small)
  const file = join(directory, 'pod.json')
  writeFileSync(file, JSON.stringify({ kind: 'List', items: [manifest] }))
  const node = ['--node-cpu', '1', '--node-memory', '1Gi']
  const plan = (...args: readonly string[]) => podfit(['plan', '-f', file, ...args])
  const taken = await plan('--cpu', '500m:1', ...node)
  assert.equal(taken.exit, 0, taken.stderr)
  assert.match(
    taken.stdout,
    /verdict accepted now\n {2}largest requests that fit now: cpu 1, memory 1Gi\n/,
  )
  const tooLarge = await plan('--cpu', '2:3', ...node)
  assert.equal(tooLarge.exit, 3)
  assert.match(tooLarge.stdout, /verdict infeasible/)
  const guaranteed = await plan('--cpu', '500m:500m')
  assert.equal(guaranteed.exit, 3)
  assert.match(guaranteed.stdout, /why {5}Pod "web" is invalid: .*QOS/)
  assert.match(guaranteed.stdout, /unseen {2}no node was given/)
  assert.equal((await plan('--cpu', '1:1', '--node-cpu', '2')).exit, 2)
  const none = await podfit(['plan', '-f', '/nonexistent', '--cpu', '1'])
  assert.equal(none.stderr, 'podfit plan: Cannot read /nonexistent: there is no such file\n')
})

/** Of the pods in a list. */
function namesIn(stdout: string): readonly string[] {
  return JSON.parse(stdout).items.map(({ name }: { name: string }) => name)
}

const three = () => ['web', 'db', 'api'].map((name) => runningPod(small, {}, name))

test('podfit resize of several pods goes in waves; undo brings them back', async () => {
  const api = willing(new FakePodApi(three()))
  await using cluster = await serve(api)
  const { exit, stdout, stderr } = await cluster.run('resize', '--all', '--cpu', '300m:600m')
  assert.equal(exit, 4, stderr)
  assert.match(stdout, /^done: 3 of 3 pods have the new size/)
  assert.deepEqual(cpuOf(api, 'web', 'db', 'api'), ['300m', '300m', '300m'])
  assert.ok(stderr.startsWith('POD   CONTAINER   CPU                     MEMORY'), stderr)
  assert.match(stderr, /\napi +app +250m:500m → 300m:600m +64Mi:64Mi +no +accepted\n/)

  const back = await cluster.run('undo')
  assert.equal(back.exit, 4, back.stderr)
  assert.deepEqual(cpuOf(api, 'web', 'db', 'api'), ['250m', '250m', '250m'])
  const why = JSON.parse((await cluster.run('why', 'web', '-o', 'json')).stdout)
  assert.deepEqual(
    why.timeline.slice(0, 2).map(({ what }: { what: string }) => what.split(' (')[0]),
    ['asked for cpu 250m:500m → 300m:600m', 'asked for cpu 300m:600m → 250m:500m'],
  )
  const history = JSON.parse((await cluster.run('history', '-o', 'json')).stdout)
  const [first, second] = history.items.slice(-2)
  assert.deepEqual([first.finished, second.undoes], [{ end: 'undone', by: second.id }, first.id])
})

test('podfit why tells what the cluster says where its own journals cannot be read', async () => {
  await using _cluster = await serve(new FakePodApi(runningPod(small)))
  const state = join(directory, 'newer')
  const journal = join(state, 'podfit/newer.jsonl')
  mkdirSync(join(state, 'podfit'), { recursive: true })
  writeFileSync(journal, '{"entry":"begun","format":9}\n')
  const env = { KUBECONFIG: join(directory, 'kubeconfig'), XDG_STATE_HOME: state }
  const { stdout, stderr } = await podfit(['why', 'web'], env)
  assert.match(stdout, /^pod default\/web/)
  assert.ok(stderr.startsWith(`what podfit has asked for is left out: Cannot use ${journal}: `))
})

for (const [policy, sizes, end] of [
  ['stop', ['300m', '300m', '250m'], 'stopped'],
  ['rollback', ['250m', '250m', '250m'], 'rolledBack'],
  ['continue', ['300m', '300m', '300m'], 'failed'],
] as const) {
  test(`podfit resize --on-failure ${policy} after the second of three pods failed`, async () => {
    const api = willing(new FakePodApi(three()), 'db')
    await using cluster = await serve(api)
    const args = ['web', 'db', 'api', '--cpu', '300m:600m', '--on-failure', policy, '-o', 'json']
    const { exit, stdout, stderr } = await cluster.run('resize', ...args)
    assert.equal(exit, 3, stderr)
    assert.equal(JSON.parse(stdout).end, end)
    assert.deepEqual(cpuOf(api, 'web', 'db', 'api'), sizes)
  })
}

test('podfit resize sends nothing while one of the pods is certain to be refused', async () => {
  const api = willing(new FakePodApi(three()))
  await using cluster = await serve(api)
  const { exit, stderr } = await cluster.run('resize', '--all', '--cpu', '3:3')
  assert.equal(exit, 3)
  assert.match(stderr, /podfit resize: Cannot resize pod api: .* nothing was sent\n$/)
  assert.deepEqual(cpuOf(api, 'web', 'db', 'api'), ['250m', '250m', '250m'])
})

test('podfit plan says what would happen, and sends nothing', async () => {
  const api = new FakePodApi([runningPod(small), runningPod(small, {}, 'db')])
  api.nodes.set('n1', smallNode)
  await using cluster = await serve(api)
  const { exit, stdout } = await cluster.run('plan', 'web', '--cpu', '1800m:2')
  assert.equal(exit, 3)
  assert.equal(
    stdout,
    `pod web, container app (request:limit)
  cpu    250m:500m → 1800m:2
  memory 64Mi:64Mi (unchanged)
  restart none
  verdict deferred: the node would take it when it has room
  why     Node didn't have enough resource: cpu, requested: 1800, used: 250, capacity: 2000
  holds   default/db 250m cpu, enough if it went
  largest requests that fit now: cpu 1750m, memory 960Mi
  container cgroup will say cpu.weight 71 or 160, cpu.max 200000 100000, memory.max 67108864
  pod cgroup will say cpu.weight 71, cpu.max 200000 100000, memory.max 67108864
  assumed cgroup v2
  assumed cpu.weight as runc before 1.3.2 and crun before 1.23 make it, or as later ones do
`,
  )
  assert.equal(api.pod.metadata.generation, 1)
})

test('podfit plan does not call accepted what it cannot judge the room of', async () => {
  const elsewhere = runningPod(small, {}, 'db')
  const { nodeName: _none, ...spec } = elsewhere.spec
  const api = new FakePodApi([runningPod(small), { ...elsewhere, spec }])
  await using cluster = await serve(api)
  const unseen = await cluster.run('plan', 'web', '--cpu', '300m:600m')
  assert.equal(unseen.exit, 4, unseen.stderr)
  assert.match(
    unseen.stdout,
    /verdict the API server takes it; room on the node is not judged\n[^]*unseen {2}node n1 and its pods cannot be seen: /,
  )
  const homeless = await cluster.run('plan', 'db', '--cpu', '300m:600m')
  assert.equal(homeless.exit, 4, homeless.stderr)
  assert.match(homeless.stdout, /unseen {2}the pod is not on a node yet/)
  api.nodes.set('n1', smallNode)
  assert.equal((await cluster.run('plan', 'web', 'db', '--cpu', '3:3')).exit, 3)
})

test('podfit plan warns of a limit below what is in use, by whatever tells', async () => {
  const api = new FakePodApi(runningPod(small))
  api.nodes.set('n1', smallNode)
  api.others.set('GET /api/v1/nodes/n1/proxy/configz', {})
  await using cluster = await serve(api)
  const metrics = 'GET /apis/metrics.k8s.io/v1beta1/namespaces/default/pods'
  api.others.set(metrics, { items: [] })
  const shrink = () => cluster.run('plan', 'web', '--memory', '16Mi:32Mi')
  const blind = await shrink()
  assert.equal(blind.exit, 4, blind.stderr)
  assert.match(blind.stdout, /unseen {2}how much memory container app uses/)
  const metadata = { name: 'web', namespace: 'default' }
  const items = [{ metadata, containers: [{ name: 'app', usage: { cpu: '1m', memory: '40Mi' } }] }]
  api.others.set(metrics, { items })
  const { exit, stdout } = await shrink()
  assert.equal(exit, 4)
  assert.match(stdout, /PL103 {3}the container uses 40Mi, not less than the limit of 32Mi/)
  assert.doesNotMatch(stdout, /unseen/)
})

test('podfit plan of the size that a pod asks for tells when the node does not carry it out', async () => {
  const api = new FakePodApi(runningPod(small))
  await using cluster = await serve(api)
  const same = (...args: readonly string[]) =>
    cluster.run('plan', 'web', '--memory', '64Mi:64Mi', ...args)
  const settled = await same('-o', 'json')
  const { kind, name, verdict } = JSON.parse(settled.stdout)
  assert.deepEqual([settled.exit, kind, name, verdict], [0, 'ResizePlan', 'web', 'unchanged'])
  assert.equal(settled.stderr, 'pod web has this size already: nothing to send\n')
  const reason = { type: 'PodResizeInProgress', status: 'True', reason: 'Error', message: 'no' }
  const pod = runningPod(small)
  const failing = new FakePodApi({ ...pod, status: { ...pod.status, conditions: [reason] } })
  await using stuck = await serve(failing)
  const { exit, stdout, stderr } = await stuck.run('plan', 'web', '--memory', '64Mi:64Mi')
  assert.deepEqual([exit, stdout], [3, ''])
  assert.match(
    stderr,
    /nothing to send, but the node could not .* again: see podfit why web -n default\n$/,
  )
})

test('one workload means its pods, found by its selector; its template is told of', async () => {
  const made = (name: string, by: string) => {
    const pod = runningPod(small, {}, name)
    const ownerReferences = [{ kind: 'StatefulSet', name: by, controller: true }]
    return { ...pod, metadata: { ...pod.metadata, labels: { app: 'shop' }, ownerReferences } }
  }
  const api = willing(new FakePodApi([made('a', 'shop'), made('b', 'shop'), made('c', 'db')]))
  const selector = { matchLabels: { app: 'shop' } }
  const path = 'GET /apis/apps/v1/namespaces/default/statefulsets/shop'
  api.others.set(path, { spec: { selector } })
  await using cluster = await serve(api)
  const verified = await cluster.run('verify', 'sts/shop', '-o', 'json', '--timeout', '0')
  assert.deepEqual(namesIn(verified.stdout), ['a', 'b'], verified.stderr)
  const { exit, stderr } = await cluster.run('resize', 'statefulset/shop', '--cpu', '300m:600m')
  assert.equal(exit, 4, stderr)
  assert.deepEqual(cpuOf(api, 'a', 'b', 'c'), ['300m', '300m', '250m'])
  assert.match(stderr, /^the template of StatefulSet shop stays as it is: /)
  const missing = await cluster.run('get', 'deploy/shop')
  const line = 'podfit get: Cannot get: there is no Deployment shop in namespace default\n'
  assert.deepEqual(missing, { exit: 1, stdout: '', stderr: line })
})

test('podfit plan names the nearest size of the same QoS class, and the rule that forbids one', async () => {
  const node = ['--node-cpu', '1', '--node-memory', '1Gi']
  const plan = (pod: object, ...args: readonly string[]) => {
    const file = join(directory, 'nearest.json')
    writeFileSync(file, JSON.stringify({ kind: 'List', items: [pod] }))
    return podfit(['plan', '-f', file, ...node, ...args])
  }
  const burstable = await plan(runningPod(small), '--cpu', '500m:500m')
  assert.match(burstable.stdout, /nearest cpu 499m:500m, memory 64Mi:64Mi keeps the QoS class/)
  const bestEffort = await plan(runningPod({}), '--cpu', '500m:500m')
  assert.match(bestEffort.stdout, /nearest none: a BestEffort pod keeps its QoS class only/)
  const huge = await plan(runningPod(small), '--cpu', '2:2001m')
  assert.match(huge.stdout, /\n {2}rule {4}NodeCapacity\n/)
})

test("podfit plan and check know the policies of a pod's node", async () => {
  const whole = { cpu: '500m', memory: '64Mi' }
  const api = new FakePodApi(runningPod({ requests: whole, limits: whole }))
  api.nodes.set('n1', smallNode)
  await using cluster = await serve(api)
  const untold = await cluster.run('plan', 'web', '--cpu', '1')
  assert.equal(untold.exit, 4)
  assert.match(untold.stdout, /verdict accepted now\n[^]*unseen {2}the policies of node n1 are not/)
  const kubeletconfig = { cpuManagerPolicy: 'static', memorySwap: { swapBehavior: 'NoSwap' } }
  api.others.set('GET /api/v1/nodes/n1/proxy/configz', { kubeletconfig })
  const { exit, stdout } = await cluster.run('plan', 'web', '--cpu', '1')
  assert.equal(exit, 3)
  assert.match(
    stdout,
    /verdict infeasible[^]*\n {2}rule {4}guaranteed_pod_cpu_manager_static_policy\n/,
  )
  assert.match(stdout, /\n {2}PL106 {3}node n1 has cpuManagerPolicy static: /)
  assert.equal((await cluster.run('plan', 'web', '--memory', '128Mi')).exit, 0)
})

test('podfit plan counts several pods of one node one after the other', async () => {
  const api = new FakePodApi([runningPod(small), runningPod(small, {}, 'db')])
  api.nodes.set('n1', smallNode)
  api.others.set('GET /api/v1/nodes/n1/proxy/configz', {})
  await using cluster = await serve(api)
  const verdicts = async (...args: readonly string[]) => {
    const { exit, stdout } = await cluster.run('plan', ...args, '-o', 'json')
    const { items } = JSON.parse(stdout)
    return [exit, ...items.map(({ verdict }: { verdict: string }) => verdict)]
  }
  assert.deepEqual(await verdicts('web', 'db', '--cpu', '1:1'), [0, 'accepted', 'accepted'])
  assert.deepEqual(await verdicts('web', 'db', '--cpu', '1001m:2'), [3, 'accepted', 'deferred'])
  assert.deepEqual(await verdicts('--all', '--cpu', '2001m:3'), [3, 'infeasible', 'infeasible'])
})

test('podfit says in one line when the API server cannot be reached', async () => {
  const cluster = await serve(new FakePodApi(runningPod(small)))
  await cluster[Symbol.asyncDispose]()
  const { exit, stderr } = await cluster.run('verify', 'web')
  assert.equal(exit, 1)
  assert.match(stderr, /^podfit verify: Cannot reach the API server http:[^\n]+ECONNREFUSED\)\n$/)
})

test('podfit __complete offers verbs, options, and what options and verbs take', async () => {
  const cases: readonly (readonly [readonly string[], readonly string[]])[] = [
    [['re'], ['resize']],
    [['resize', '--mem'], ['--memory']],
    [
      ['verify', '-o', ''],
      ['json', 'yaml'],
    ],
    [['get', '-o', 'w'], ['wide']],
    [['verify', '--source=e'], ['--source=exec']],
    [['verify', '--source', '=', 'e'], ['exec']],
    [
      ['resize', '--wave=2', '--on-failure', '=', ''],
      ['stop', 'rollback', 'continue'],
    ],
    [['resize', 'web', '--on-failure', 'st'], ['stop']],
    [
      ['resize', '--dry-run', ''],
      ['none', 'client', 'server'],
    ],
    [
      ['explain', 'CG10'],
      ['CG101', 'CG102', 'CG103', 'CG104', 'CG105', 'CG106', 'CG107'],
    ],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['image', ''], ['load']],
    [['image', 'load', ''], [':files']],
    [['plan', '-f', ''], [':files']],
    [
      ['up', '--swap-behavior', ''],
      ['NoSwap', 'LimitedSwap'],
    ],
    [['why', '--so'], ['--source']],
    [['verify', '--runtime-endpoint', ''], [':files']],
    [['nope', ''], []],
    [['verify', '--cp'], []],
  ]
  for (const [typed, offered] of cases) {
    const { exit, stdout, stderr } = await podfit(['__complete', '--', ...typed])
    assert.deepEqual([exit, stderr], [0, ''], typed.join(' '))
    assert.deepEqual(stdout.split('\n').slice(0, -1), offered, typed.join(' '))
  }
})

test('podfit __complete offers what the cluster has, and nothing when there is none', async () => {
  const cluster = await serve(new FakePodApi(runningPod(small)))
  const offered = async (...typed: readonly string[]) =>
    (await cluster.run('__complete', '--', ...typed)).stdout
  assert.equal(await offered('verify', ''), 'web\n')
  assert.equal(await offered('verify', 'pod/w'), 'pod/web\n')
  assert.equal(await offered('verify', 'web', ''), '')
  assert.equal(await offered('resize', 'web', '-c', ''), 'app\n')
  await cluster[Symbol.asyncDispose]()
  const { exit, stdout, stderr } = await cluster.run('__complete', '--', 'verify', '')
  assert.deepEqual([exit, stdout, stderr], [0, '', ''])
})

test('podfit resize and plan of a selection leave out what has ended; a named pod is an error', async () => {
  const evicted = { ...runningPod(small, {}, 'db'), status: { phase: 'Failed' } }
  const api = willing(new FakePodApi([runningPod(small), evicted]))
  await using cluster = await serve(api)
  const size = ['--cpu', '300m:600m']
  const planned = await cluster.run('plan', '--all', ...size)
  assert.equal(planned.exit, 0, planned.stderr)
  assert.equal(
    planned.stderr,
    'Cannot resize pod db: it has ended (Failed), nothing of it runs any more; it is left out\n',
  )
  assert.equal((await cluster.run('resize', '--all', ...size)).exit, 4)
  assert.deepEqual(cpuOf(api, 'web', 'db'), ['300m', '250m'])
  const named = await cluster.run('resize', 'web', 'db', ...size)
  assert.equal(named.exit, 3)
  api.delete('web')
  const none = await cluster.run('resize', '--all', ...size)
  assert.equal(none.exit, 3)
  assert.match(none.stderr, /Cannot resize: none of the pods runs any more\n$/)
})

test('podfit verify of a selection leaves out what has ended; a named pod it looks at', async () => {
  const ended = { ...runningPod(small, {}, 'job'), status: { phase: 'Succeeded' } }
  const api = new FakePodApi([runningPod(small), ended])
  await using cluster = await serve(api)
  const all = await cluster.run('verify', '-A', '-o', 'json', '--timeout', '0')
  assert.deepEqual(namesIn(all.stdout), ['web'])
  assert.equal(all.stderr, '1 pod has ended, with nothing left to verify: left out\n')
  const named = await cluster.run('verify', 'web', 'job', '-o', 'json', '--timeout', '0')
  assert.deepEqual([namesIn(named.stdout), named.stderr], [['web', 'job'], ''])
  api.delete('web')
  const none = await cluster.run('verify', '-A')
  assert.deepEqual([none.exit, none.stdout], [4, ''])
  assert.equal(none.stderr, all.stderr)
})

test('podfit verify tells drift from what is not there', async () => {
  await using cluster = await serve(new FakePodApi(runningPod(small)))
  const missing = await cluster.run('verify', 'nope')
  const line = 'podfit verify: Cannot verify: there is no pod nope in namespace default\n'
  assert.deepEqual(missing, { exit: 1, stdout: '', stderr: line })
  const empty = await cluster.run('verify', '-l', 'app=nope')
  assert.deepEqual(empty, { exit: 4, stdout: '', stderr: 'No pods found in namespace default\n' })
})

test('podfit resize -o json prints the plan where it is certain to fail', async () => {
  const api = willing(new FakePodApi([runningPod(small), runningPod(small, {}, 'db')]))
  await using cluster = await serve(api)
  const infeasible = await cluster.run('resize', '--all', '--cpu', '3:3', '-o', 'json')
  assert.equal(infeasible.exit, 3)
  const { kind, items } = JSON.parse(infeasible.stdout)
  assert.deepEqual(
    [kind, ...items.map(({ verdict }: { verdict: string }) => verdict)],
    ['ResizePlanList', 'infeasible', 'infeasible'],
  )
  api.failNextPatch = { code: 422, reason: 'Invalid', message: 'no' }
  const rejected = await cluster.run('resize', 'web', '--cpu', '1:1', '-o', 'json')
  const document = JSON.parse(rejected.stdout)
  assert.deepEqual([document.kind, document.verdict], ['ResizePlan', 'rejected'])
  assert.equal(document.refusal.message, 'no')
})

test('podfit resize --dry-run=none is no dry run, as kubectl has it', async () => {
  const api = willing(new FakePodApi(runningPod(small)))
  await using cluster = await serve(api)
  assert.equal((await cluster.run('resize', 'web', '--cpu', '300m:600m', '--dry-run=none')).exit, 4)
  assert.deepEqual(cpuOf(api, 'web'), ['300m'])
})

test('podfit plan -f takes several manifests, and no selection besides', async () => {
  const files = ['one', 'other'].map((name) => {
    const file = join(directory, `${name}.json`)
    writeFileSync(file, JSON.stringify({ kind: 'Pod', ...runningPod(small, {}, name) }))
    return ['-f', file]
  })
  const args = ['plan', ...files.flat(), '--cpu', '300m:600m']
  const { stdout } = await podfit([...args, '-o', 'json'])
  assert.deepEqual(
    JSON.parse(stdout).items.map(({ name }: { name: string }) => name),
    ['one', 'other'],
  )
  for (const flags of [['-l', 'a=b'], ['--all'], ['-A']]) {
    const { exit, stderr } = await podfit([...args, ...flags])
    assert.equal(exit, 2)
    assert.match(stderr, /Cannot plan with -f and choose pods of a cluster/)
  }
})

test('podfit plan -f takes a pod of each workload, and says where there is none', async () => {
  const { spec } = runningPod(small)
  const metadata = { name: 'web', namespace: 'shop' }
  const deployment = { kind: 'Deployment', metadata, spec: { template: { spec } } }
  const job = { spec: { template: { spec } } }
  const cronJob = { kind: 'CronJob', metadata: { name: 'night' }, spec: { jobTemplate: job } }
  const file = join(directory, 'workloads.json')
  const planOf = (...items: object[]) => {
    writeFileSync(file, JSON.stringify({ kind: 'List', items }))
    return podfit(['plan', '-f', file, '--cpu', '300m:600m', '-o', 'json'])
  }
  const { items } = JSON.parse((await planOf(deployment, cronJob)).stdout)
  assert.deepEqual(
    items.map(({ name, after }: { name: string; after: object }) => [name, after]),
    ['web', 'night'].map((name) => [
      name,
      { requests: { cpu: '300m', memory: '64Mi' }, limits: { cpu: '600m', memory: '64Mi' } },
    ]),
  )
  const none = await planOf({ kind: 'Service', metadata, spec: {} })
  assert.deepEqual(
    [none.exit, none.stderr],
    [2, `podfit plan: Cannot plan with ${file}: there is no pod in it, and no template of one\n`],
  )
})

test('podfit plan ends with exit code 4 for what is taken with a warning', async () => {
  const env = [{ name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } }]
  const api = willing(new FakePodApi(runningPod(small, { env })))
  await using cluster = await serve(api)
  const { exit, stdout } = await cluster.run('plan', 'web', '--cpu', '300m:600m')
  assert.equal(exit, 4)
  assert.match(stdout, /verdict accepted now\n.*PL102/s)
})

test('podfit --as-group goes with --as, and may be given several times', async () => {
  const api = new FakePodApi(runningPod(small))
  await using cluster = await serve(api)
  const groups = ['--as-group', 'dev', '--as-group', 'ops']
  const alone = await cluster.run('get', ...groups)
  assert.equal(alone.exit, 2)
  assert.match(alone.stderr, /Cannot use --as-group alone: it must come with --as/)
  assert.equal((await cluster.run('get', '--as', 'jane', ...groups)).exit, 0)
  assert.equal(api.headers?.get('impersonate-group'), 'dev, ops')
})
