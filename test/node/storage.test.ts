import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Container, Pod, Volume } from '../../src/domain/pod.ts'
import { createKubectl, type Kubectl } from '../support/kubectl.ts'
import { type PodfitProcess, startPodfit } from '../support/podfit-process.ts'
import { waitUntil } from '../support/wait-until.ts'
import { eventsOf, getPod, idle, podWith, runningPod } from './pods.ts'

/** Writes some mebibytes and goes on. */
function filler(path: string, mebi: number, part: Partial<Container> = {}): Container {
  const script = `dd if=/dev/zero of=${path} bs=1M count=${mebi} 2>/dev/null
    trap "exit 0" TERM; while :; do sleep 1000 & wait; done`
  return { ...idle, command: ['sh', '-c', script], ...part }
}

const volumeMounts = [{ name: 'data', mountPath: '/data' }]

function withVolume(pod: Pod, emptyDir: NonNullable<Volume['emptyDir']>): Pod {
  return { ...pod, spec: { ...pod.spec, volumes: [{ name: 'data', emptyDir }] } }
}

describe("the node's disk", { concurrency: true }, () => {
  let podfit: PodfitProcess
  let kubectl: Kubectl

  before(async () => {
    podfit = await startPodfit({ args: ['--container-log-max-size', '64Ki'] })
    kubectl = createKubectl(podfit.kubeconfig)
  })
  after(() => podfit[Symbol.asyncDispose]())

  async function evicted(name: string, message: string): Promise<Pod> {
    // The node looks every 10 s, and the runtime's figures are 10 s old at most.
    const pod = await waitUntil(
      `pod ${name} to be evicted`,
      () => getPod(kubectl, name),
      ({ status }) => status?.phase === 'Failed',
      { withinMs: 45_000, everyMs: 200 },
    )
    assert.equal(pod.status?.reason, 'Evicted')
    assert.equal(pod.status.message, message)
    const disrupted = pod.status.conditions?.find(({ type }) => type === 'DisruptionTarget')
    assert.equal(disrupted?.reason, 'TerminationByKubelet')
    await waitUntil(
      `the event about pod ${name}`,
      () => eventsOf(kubectl, name),
      (all) => all.some((one) => one.reason === 'Evicted' && one.message === message),
    )
    return pod
  }

  test('a pod that fills a volume beyond its limit has to go, and gives the disk back', async () => {
    const pod = podWith('volume', filler('/data/x', 12, { volumeMounts }))
    await kubectl.apply(withVolume(pod, { sizeLimit: '10Mi' }))
    const { metadata, status } = await evicted(
      'volume',
      'Usage of EmptyDir volume "data" exceeds the limit "10Mi". ',
    )
    assert.ok(status?.containerStatuses?.[0]?.state?.terminated)
    const directory = join(podfit.dataDir, 'pods', metadata.uid ?? '', 'volumes')
    await waitUntil('its volumes to be removed', () => !existsSync(directory))
  })

  test('a container that writes more than it may has to go with its pod', async () => {
    const resources = { limits: { 'ephemeral-storage': '10Mi' } }
    const other = { ...idle, name: 'other', resources: { limits: { 'ephemeral-storage': '90Mi' } } }
    await kubectl.apply(podWith('container', filler('/x', 12, { resources }), other))
    await evicted('container', 'Container main exceeded its local ephemeral storage limit "10Mi". ')
  })

  test('a volume in memory is as large as its limit, else as the pod, and never evicted', async () => {
    const size = { limits: { memory: '64Mi' } }
    const some = { ...filler('/data/x', 12), volumeMounts, resources: size }
    for (const [name, emptyDir] of [
      ['limited', { medium: 'Memory', sizeLimit: '10Mi' }],
      ['as-the-pod', { medium: 'Memory' }],
    ] as const) {
      await kubectl.apply(withVolume(podWith(name, some), emptyDir))
      await runningPod(kubectl, name)
    }
    const sizes = async (name: string): Promise<string> =>
      (await kubectl.run(['exec', name, '--', 'df', '-m', '/data'])).split('\n').at(-2) ?? ''
    assert.match(await sizes('limited'), /^tmpfs +10 /)
    assert.match(await sizes('as-the-pod'), /^tmpfs +64 /)
  })

  test('a log is rotated, and kubectl goes on with the new one', async () => {
    const script = `pad=$(printf %080d 0)
      print() { i=$1; while [ $i -lt $2 ]; do echo "line $i $pad"; i=$((i + 1)); done; }
      print 0 1; until [ -e /first ]; do sleep 0.1; done
      print 1 600; until [ -e /more ]; do sleep 0.1; done
      print 600 610; until [ -e /end ]; do sleep 0.1; done; exit 1`
    const printer = { ...idle, command: ['sh', '-c', script] }
    await kubectl.apply(podWith('printer', printer))
    const { metadata } = await runningPod(kubectl, 'printer')
    const logs = (...args: string[]) => kubectl.run(['logs', 'printer', ...args])
    const numbers = (text: string) => (text.match(/(?<=^line )\d+/gm) ?? []).map(Number)
    const from = (first = 610) => Array.from({ length: 610 - first }, (_, i) => first + i)
    // It is rotated at any moment from then on, and who follows later sees what is left.
    const following = kubectl.start(['logs', 'printer', '--follow'])
    const ended = once(following, 'close')
    let followed = ''
    following.stdout.setEncoding('utf8').on('data', (chunk: string) => (followed += chunk))
    await waitUntil('the log to be followed', () => followed.includes('line 0'))
    const touch = (file: string) => kubectl.run(['exec', 'printer', '--', 'touch', file])
    await touch('/first')

    const directory = join(podfit.dataDir, 'logs/pods', `default_printer_${metadata.uid}`, 'main')
    await waitUntil(
      'the log to be rotated',
      () => readdirSync(directory),
      (files) => files.some((file) => /^0\.log\.\d{8}-\d{6}$/.test(file)),
      { withinMs: 45_000, everyMs: 200 },
    )
    await touch('/more')
    const written = () => logs().then(numbers)
    const found = await waitUntil('the new log', written, (all) => all.at(-1) === 609)
    // On a slow machine it may have been rotated before all of the first lines were printed.
    assert.ok((found[0] ?? 0) > 300, `from line ${found[0]} on`)
    assert.deepEqual(found, from(found[0]))
    assert.deepEqual(numbers(await logs('--tail=3')), from(607))
    assert.deepEqual(numbers(await logs('--since=1h')), found)

    await touch('/end')
    assert.deepEqual(await ended, [0, null])
    assert.deepEqual(numbers(followed), from(0))
    const previous = () => kubectl.try(['logs', 'printer', '--previous'])
    const { stdout } = await waitUntil('the next run', previous, ({ code }) => code === 0)
    assert.deepEqual(numbers(stdout), found)
  })

  test('what pods ask of the disk is counted', async () => {
    const requests = { 'ephemeral-storage': '1Ei' }
    const pod = podWith('greedy', { ...idle, resources: { requests } })
    const nodeName = String(podfit.ready['nodeName'])
    await kubectl.apply({ ...pod, spec: { ...pod.spec, nodeName } })
    const { status } = await waitUntil(
      'pod greedy to be turned away',
      () => getPod(kubectl, 'greedy'),
      (one) => one.status?.phase === 'Failed',
    )
    assert.equal(status?.reason, 'OutOfephemeral-storage')
  })
})
