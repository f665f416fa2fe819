import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { after, before, describe, test } from 'node:test'
import type { Container, ContainerPort, Pod } from '../../src/domain/pod.ts'
import { marksOf } from '../support/leftovers.ts'
import { createKubectl, type Kubectl } from '../support/kubectl.ts'
import { type PodfitProcess, startPodfit } from '../support/podfit-process.ts'
import { slow, waitUntil } from '../support/wait-until.ts'
import { getPod, idle, podWith, runningPod } from './pods.ts'

/** Debian's User-mode Linux has no tables of IPv4. */
const skip = !canMap() && 'only where the kernel has a nat table'

function canMap(): boolean {
  const probe = ['--net', 'iptables', '-w', '-t', 'nat', '-N', 'TEST']
  return spawnSync('unshare', probe).status === 0
}

/** Serves its own name. */
function web(name: string, port: Partial<ContainerPort>): Pod {
  const container: Container = {
    ...idle,
    command: [
      'sh',
      '-c',
      `mkdir /www; echo ${name} > /www/index.html; exec httpd -f -p 80 -h /www`,
    ],
    ports: [{ containerPort: 80, ...port }],
    readinessProbe: { httpGet: { port: 80 }, periodSeconds: 1 },
  }
  return podWith(name, container)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' ? (address?.port ?? 0) : 0
}

async function textOf(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(slow(5000)) })
  return (await response.text()).trim()
}

describe('ports of the node', { skip }, () => {
  let podfit: PodfitProcess
  let kubectl: Kubectl
  let hostPort: number

  before(async () => {
    podfit = await startPodfit()
    kubectl = createKubectl(podfit.kubeconfig)
    hostPort = await freePort()
  })
  after(async () => {
    const { bridge } = marksOf(podfit.dataDir)
    await podfit[Symbol.asyncDispose]()
    const rules = execFileSync('iptables', ['-w', '-S'], { encoding: 'utf8' })
    assert.doesNotMatch(rules, new RegExp(bridge))
  })

  const sh = (pod: string, script: string): Promise<string> =>
    kubectl.run(['exec', pod, '--', 'sh', '-c', script])

  test('lead to the pod from this machine, by any address, and from other pods', async () => {
    await kubectl.apply(web('one', { hostPort }))
    const { status } = await runningPod(kubectl, 'one')
    assert.equal(await textOf(`http://127.0.0.1:${hostPort}`), 'one')
    assert.equal(await textOf(`http://${status?.hostIP}:${hostPort}`), 'one')
    await kubectl.apply(podWith('client', { ...idle, securityContext: { privileged: true } }))
    await runningPod(kubectl, 'client')
    assert.equal(await sh('client', `wget -qO- http://${status?.hostIP}:${hostPort}`), 'one\n')
  })

  test('a port that is taken keeps a pod from being placed, or has it turned away', async () => {
    await kubectl.apply(web('two', { hostPort }))
    const waits = await waitUntil(
      'pod two to wait',
      () => getPod(kubectl, 'two'),
      ({ status }) => status?.conditions?.some(({ type }) => type === 'PodScheduled') === true,
    )
    const condition = waits.status?.conditions?.find(({ type }) => type === 'PodScheduled')
    assert.match(
      condition?.message ?? '',
      /1 node\(s\) didn't have free ports for the requested pod ports/,
    )
    const placed = web('three', { hostPort })
    const nodeName = String(podfit.ready['nodeName'])
    await kubectl.apply({ ...placed, spec: { ...placed.spec, nodeName } })
    const { status } = await waitUntil(
      'pod three to be turned away',
      () => getPod(kubectl, 'three'),
      (one) => one.status?.phase === 'Failed',
    )
    assert.equal(status?.reason, 'NodePorts')
    assert.equal(
      status.message,
      `Pod was rejected: Predicate NodePorts failed: host port ${hostPort}/TCP is taken by pod default/one`,
    )
  })

  test("do not open this machine's loopback to pods", async () => {
    // In the pod's own tables loopback is its own: they are changed to send it here.
    const route = `ip route del local 127.0.0.0/8 dev lo table local
      ip route del local 127.0.0.1 dev lo table local
      ip route add 127.0.0.1 via $(ip route | sed -n 's/^default via \\([^ ]*\\).*/\\1/p') dev eth0
      echo 1 > /proc/sys/net/ipv4/conf/eth0/route_localnet
      nc -w 1 127.0.0.1 ${new URL(podfit.server).port} </dev/null 2>/dev/null; :`
    const { bridge } = marksOf(podfit.dataDir)
    const dropped = (): number => {
      const rules = execFileSync('iptables', ['-w', '-nvxL', 'INPUT'], { encoding: 'utf8' })
      const rule = rules.split('\n').find((line) => line.includes(` ${bridge} `)) ?? ''
      return Number(/^ *(?<packets>\d+) .* DROP /.exec(rule)?.groups?.['packets'])
    }
    assert.equal(dropped(), 0)
    await sh('client', route)
    assert.ok(dropped() > 0)
  })

  test('a port is free again when its pod is gone', async () => {
    await kubectl.run(['delete', 'pod', 'one', '--now'])
    await runningPod(kubectl, 'two')
    assert.equal(await textOf(`http://127.0.0.1:${hostPort}`), 'two')
  })
})
