import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import type { Pod, PodCondition, PodSpec } from '../../src/domain/pod.ts'
import { createKubectl, type Kubectl, type KubectlVersion } from '../support/kubectl.ts'
import { startPodfit, type PodfitProcess } from '../support/podfit-process.ts'
import { slowness, waitUntil } from '../support/wait-until.ts'

const skip = slowness > 1
/** What a command of kubectl does by itself is tried with both; the rest is podfit's. */
const kubectlVersions: readonly KubectlVersion[] = ['1.32', '1.36']

/** Asks for so many millicores and sleeps until it is told to end. */
function sleeper(name: string, milliCpu: number, spec: Partial<PodSpec> = {}): Pod {
  const requests = { cpu: `${milliCpu}m` }
  const command = ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 0.1; done']
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [{ name: 'main', image: 'busybox', command, resources: { requests } }],
      ...spec,
    },
  }
}

const noVictims = 'No preemption victims found for incoming pod.'
const noHelp = 'Preemption is not helpful for scheduling.'

function oneNode(reason: string, preemption: string): string {
  return `0/1 nodes are available: 1 ${reason}. no new claims to deallocate, preemption: 0/1 nodes are available: 1 ${preemption}`
}

describe('placing pods', { skip }, () => {
  let podfit: PodfitProcess
  let kubectl: Kubectl
  const client = (version: KubectlVersion) => createKubectl(podfit.kubeconfig, version)
  let node: string
  /** All that the node has, in millicores. */
  let whole: number

  before(async () => {
    podfit = await startPodfit()
    kubectl = client('1.36')
    node = String(podfit.ready['nodeName'])
    const { status } = await kubectl.get<{ status: { allocatable: { cpu: string } } }>([
      'node',
      node,
    ])
    const { cpu } = status.allocatable
    whole = cpu.endsWith('m') ? Number.parseInt(cpu, 10) : Number(cpu) * 1000
  })
  after(async () => {
    if (!skip) await podfit[Symbol.asyncDispose]()
  })
  // Also what a test that failed has left, so that the next one does not fail for it.
  afterEach(async () => {
    await kubectl.run(['delete', 'pods', '--all'])
    const open = JSON.stringify({ spec: { taints: null, unschedulable: null } })
    await kubectl.run(['patch', 'node', node, '--type=merge', '-p', open])
  })

  async function condition(name: string, type: string): Promise<PodCondition | undefined> {
    const pod = await kubectl.get<Pod>(['pod', name])
    return pod.status?.conditions?.find((one) => one.type === type)
  }

  async function untilUnplaced(name: string, message: string): Promise<void> {
    const look = () => condition(name, 'PodScheduled')
    const found = await waitUntil(`why ${name} waits`, look, (one) => one?.message === message)
    assert.equal(found?.status, 'False')
    assert.equal(found.reason, 'Unschedulable')
  }

  /** Events are written beside the status. */
  async function untilTold(name: string, row: RegExp): Promise<void> {
    const told = () => kubectl.run(['events', `--for=pod/${name}`])
    await waitUntil(`an event like ${row}`, told, (text) => row.test(text))
  }

  async function untilRunning(...names: readonly string[]): Promise<void> {
    const pods = names.map((name) => `pod/${name}`)
    await kubectl.run(['wait', ...pods, '--for=condition=Ready', '--timeout=60s'])
  }

  async function remove(name: string): Promise<void> {
    await kubectl.run(['delete', 'pod', name])
  }

  async function resize(name: string, milliCpu: number): Promise<void> {
    const resources = { requests: { cpu: `${milliCpu}m` } }
    const patch = JSON.stringify({ spec: { containers: [{ name: 'main', resources }] } })
    await kubectl.run(['patch', 'pod', name, '--subresource=resize', '-p', patch])
  }

  it('lets a pod wait for room, and places it when there is some', async () => {
    await kubectl.apply(sleeper('first', whole - 100))
    await kubectl.apply(sleeper('second', 200))
    await untilUnplaced('second', oneNode('Insufficient cpu', noVictims))
    await untilTold('second', /Warning +FailedScheduling/)
    await resize('first', whole - 200)
    await untilRunning('second')
  })

  it('places a waiting pod that was made smaller', async () => {
    await kubectl.apply(sleeper('huge', whole + 1))
    await untilUnplaced('huge', oneNode('Insufficient cpu', noHelp))
    await resize('huge', 100)
    await untilRunning('huge')
  })

  it('keeps the room that a deferred resize waits for', async () => {
    await kubectl.apply(sleeper('grows', 100))
    await kubectl.apply(sleeper('blocks', whole - 300))
    await untilRunning('grows', 'blocks')
    await resize('grows', whole - 200)
    const pending = () => condition('grows', 'PodResizePending')
    await waitUntil('Deferred', pending, (one) => one?.reason === 'Deferred')
    await kubectl.apply(sleeper('late', 150))
    await untilUnplaced('late', oneNode('Insufficient cpu', noVictims))
    await remove('blocks')
    await waitUntil('the resize', pending, (one) => one === undefined)
    await untilRunning('late')
  })

  it('takes the more important of those who wait', async () => {
    await kubectl.run(['create', 'priorityclass', 'vip', '--value=1000', '--description=first'])
    await kubectl.apply(sleeper('blocker', whole - 100))
    await kubectl.apply(sleeper('plain', whole - 150))
    await kubectl.apply(sleeper('important', whole - 150, { priorityClassName: 'vip' }))
    const wait = oneNode('Insufficient cpu', noVictims)
    for (const name of ['plain', 'important']) await untilUnplaced(name, wait)
    await remove('blocker')
    await untilRunning('important')
    await untilUnplaced('plain', wait)
  })

  for (const version of kubectlVersions) {
    it(`keeps off a cordoned node until it is open again, by kubectl ${version}`, async () => {
      const kubectl = client(version)
      await kubectl.run(['cordon', node])
      assert.match(await kubectl.run(['get', 'nodes']), /Ready,SchedulingDisabled/)
      await kubectl.apply(sleeper('outside', 10))
      await untilUnplaced('outside', oneNode('node(s) were unschedulable', noHelp))
      await kubectl.run(['uncordon', node])
      await untilRunning('outside')
    })
  }

  it('sends away who does not tolerate a NoExecute taint, at once or in time', async () => {
    const stays = { key: 'broken', operator: 'Exists', effect: 'NoExecute' }
    await kubectl.apply(sleeper('leaves', 10))
    await kubectl.apply(
      sleeper('lingers', 10, { tolerations: [{ ...stays, tolerationSeconds: 3 }] }),
    )
    await kubectl.apply(sleeper('stays', 10, { tolerations: [stays] }))
    await kubectl.run(['wait', '--for=condition=Ready', 'pod', '--all', '--timeout=60s'])
    await kubectl.run(['taint', 'node', node, 'broken=disk:NoExecute'])
    await kubectl.run(['wait', '--for=delete', 'pod/leaves', '--timeout=60s'])
    await kubectl.run(['wait', '--for=delete', 'pod/lingers', '--timeout=60s'])
    assert.equal((await kubectl.run(['get', 'pods', '-o', 'name'])).trim(), 'pod/stays')
    await kubectl.run(['taint', 'node', node, 'broken-'])
    await untilTold(
      'lingers',
      /TaintManagerEviction +Pod\/lingers +Marking for deletion Pod default\/lingers/,
    )
  })

  for (const version of kubectlVersions) {
    it(`keeps off a tainted node who does not tolerate that, by kubectl ${version}`, async () => {
      const kubectl = client(version)
      await kubectl.run(['taint', 'node', node, 'gpu=yes:NoSchedule'])
      assert.match(await kubectl.run(['describe', 'node', node]), /Taints: +gpu=yes:NoSchedule/)
      await kubectl.apply(sleeper('plain', 10))
      const toleration = { key: 'gpu', operator: 'Exists', effect: 'NoSchedule' }
      await kubectl.apply(sleeper('tolerant', 10, { tolerations: [toleration] }))
      await untilRunning('tolerant')
      await untilUnplaced('plain', oneNode('node(s) had untolerated taint(s)', noHelp))
      await kubectl.run(['taint', 'node', node, 'gpu-'])
      await untilRunning('plain')
    })
  }

  it('waits for a node with the labels that a pod asks for', async () => {
    await kubectl.apply(sleeper('picky', 10, { nodeSelector: { disk: 'ssd' } }))
    const why = "node(s) didn't match Pod's node affinity/selector"
    await untilUnplaced('picky', oneNode(why, noHelp))
    await kubectl.run(['label', 'node', node, 'disk=ssd'])
    await untilRunning('picky')
  })

  it('leaves a pod alone until its gates are gone', async () => {
    await kubectl.apply(sleeper('gated', 10, { schedulingGates: [{ name: 'wait' }] }))
    assert.match(await kubectl.run(['get', 'pod', 'gated']), /SchedulingGated/)
    const patch = JSON.stringify([{ op: 'remove', path: '/spec/schedulingGates' }])
    await kubectl.run(['patch', 'pod', 'gated', '--type=json', '-p', patch])
    await untilRunning('gated')
  })

  for (const version of kubectlVersions) {
    it(`is drained, by kubectl ${version}`, async () => {
      const kubectl = client(version)
      await kubectl.apply(sleeper('evicted', 10))
      await untilRunning('evicted')
      const drained = await kubectl.run(['drain', node, '--force', '--timeout=60s'])
      assert.match(drained, /pod\/evicted evicted/)
    })
  }
})
