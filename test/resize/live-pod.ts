import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ContainerStatus, Pod, PodCondition, PodSpec } from '../../src/domain/pod.ts'
import { events } from '../../src/kube/object/resource.ts'
import { conditionOf, LiveNode, type PodEvent, statusOf } from '../e2e/live-node.ts'
import type { PodfitOptions } from '../support/podfit-process.ts'

const mount = '/sys/fs/cgroup'

export const isV2 = existsSync(join(mount, 'cgroup.controllers'))

export const mebi = 1024 * 1024

/** A podfit for tests of what resizes do to real containers. */
export type TestNode = LiveNode

export function startNode(options: PodfitOptions = {}): Promise<TestNode> {
  return LiveNode.start(options)
}

/** One pod on a test node, looked at from the API and from its cgroups. */
export class LivePod {
  readonly name: string
  readonly #node: TestNode

  constructor(node: TestNode, name: string) {
    this.#node = node
    this.name = name
  }

  get(): Promise<Pod> {
    return this.#node.get(this.name)
  }

  async status(container: string): Promise<ContainerStatus> {
    return statusOf(await this.get(), container)
  }

  async condition(type: string): Promise<PodCondition | undefined> {
    return conditionOf(await this.get(), type)
  }

  /** Patches `pods/NAME/resize` by strategic merge. */
  async resize(spec: object): Promise<void> {
    await this.#node.resize(this.name, { type: 'strategic', body: { spec } })
  }

  /** Until neither condition is there and the node has seen the newest generation. */
  settled(): Promise<Pod> {
    return this.#node.settled(this.name)
  }

  exec(container: string, script: string): Promise<string> {
    const command = ['exec', this.name, '-c', container, '--', 'sh', '-c', script]
    return this.#node.kubectl.run(command)
  }

  /** Path of the pod's cgroup: `/podfit-x/kubepods/burstable/podUID`. */
  async cgroup(): Promise<string> {
    const { metadata } = await this.get()
    const root = String(this.#node.podfit.ready['cgroup'])
    const places = ['', '/burstable', '/besteffort'].map(
      (qos) => `${root}/kubepods${qos}/pod${metadata.uid}`,
    )
    const found = places.find((path) => existsSync(directory('cpu', path)))
    if (found === undefined) throw new Error(`pod ${this.name} has no cgroup: ${places.join(' ')}`)
    return found
  }

  async containerCgroup(container: string): Promise<string> {
    const { containerID = '' } = await this.status(container)
    return `${await this.cgroup()}/${containerID.replace(/^containerd:\/\//, '')}`
  }
}

/** Creates a pod and waits until all its containers run. */
export async function startPod(node: TestNode, name: string, spec: PodSpec): Promise<LivePod> {
  await node.run(name, spec)
  return new LivePod(node, name)
}

export async function applyPod(node: TestNode, name: string, spec: PodSpec): Promise<LivePod> {
  await node.create(name, spec)
  return new LivePod(node, name)
}

function directory(controller: 'cpu' | 'memory', cgroup: string): string {
  return isV2 ? join(mount, cgroup) : join(mount, controller, cgroup)
}

export function readCgroup(controller: 'cpu' | 'memory', cgroup: string, file: string): string {
  return readFileSync(join(directory(controller, cgroup), file), 'utf8').trim()
}

/** The memory limit of a cgroup in bytes. */
export function memoryLimit(cgroup: string): number {
  const text = readCgroup('memory', cgroup, isV2 ? 'memory.max' : 'memory.limit_in_bytes')
  return text === 'max' ? Number.POSITIVE_INFINITY : Number(text)
}

export function memoryUsage(cgroup: string): number {
  return Number(readCgroup('memory', cgroup, isV2 ? 'memory.current' : 'memory.usage_in_bytes'))
}

/** Microseconds of CPU in each period of 100 ms. */
export function cpuQuota(cgroup: string): number {
  if (!isV2) return Number(readCgroup('cpu', cgroup, 'cpu.cfs_quota_us'))
  return Number(readCgroup('cpu', cgroup, 'cpu.max').split(' ')[0])
}

export function oomKills(cgroup: string): number {
  const text = readCgroup('memory', cgroup, isV2 ? 'memory.events' : 'memory.oom_control')
  return Number(/^oom_kill (?<count>\d+)$/m.exec(text)?.groups?.['count'] ?? 0)
}

/** What was told of changed cgroups, of pods or of the node. */
export async function driftTold(node: TestNode, kind: 'Pod' | 'Node'): Promise<readonly string[]> {
  const fieldSelector = `reason=CgroupDrift,involvedObject.kind=${kind}`
  const { items } = await node.client.list(events, { fieldSelector })
  return (items as readonly PodEvent[]).map(({ message }) => message)
}
