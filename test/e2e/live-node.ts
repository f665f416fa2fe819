import type { CgroupTree } from '../../src/cgroup/cgroup-tree.ts'
import { openCgroupTree } from '../../src/cgroup/open-cgroup-tree.ts'
import type { Container, Pod, PodCondition, PodSpec } from '../../src/domain/pod.ts'
import { createKubeClient } from '../../src/kube/client/client.ts'
import type { KubeClient } from '../../src/kube/client/kube-client.ts'
import { isKubeError } from '../../src/kube/client/kube-error.ts'
import { connect, type Connection } from '../../src/kube/connect/connect.ts'
import type { KubeObject } from '../../src/kube/object/kube-object.ts'
import type { Patch } from '../../src/kube/object/patch.ts'
import { events, nodes, pods } from '../../src/kube/object/resource.ts'
import { createKubectl, type Kubectl } from '../support/kubectl.ts'
import { type PodfitOptions, type PodfitProcess, startPodfit } from '../support/podfit-process.ts'
import { waitUntil, type WaitOptions } from '../support/wait-until.ts'

export const namespace = 'default'

/** Sleeps, and ends at once when it is told to. */
export const obedient = ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 1000 & wait; done']

/** A container that does nothing but be there. */
export function idle(name: string, resources?: Container['resources']): Container {
  const container = { name, image: 'busybox', command: obedient }
  return resources === undefined ? container : { ...container, resources }
}

export interface NodeObject extends KubeObject {
  readonly spec: { readonly unschedulable?: boolean }
  readonly status: {
    readonly capacity: Readonly<Record<string, string>>
    readonly allocatable: Readonly<Record<string, string>>
    readonly conditions: readonly PodCondition[]
    readonly nodeInfo: Readonly<Record<string, string>>
  }
}

export interface PodEvent extends KubeObject {
  readonly type: string
  readonly reason: string
  readonly message: string
  readonly count?: number
  readonly source?: { readonly component?: string }
}

/**
 * A real podfit on this machine with the ways to use it and to look at it: kubectl
 * for what people do, a plain client for waiting (kubectl takes a second of the
 * guest's time at each call), the kernel's cgroup tree.
 */
export class LiveNode implements AsyncDisposable {
  readonly podfit: PodfitProcess
  readonly kubectl: Kubectl
  readonly tree: CgroupTree = openCgroupTree()
  #connection: Connection
  #client: KubeClient

  private constructor(podfit: PodfitProcess, connection: Connection) {
    this.podfit = podfit
    this.kubectl = createKubectl(podfit.kubeconfig)
    this.#connection = connection
    this.#client = createKubeClient(connection)
  }

  static async start(options?: PodfitOptions): Promise<LiveNode> {
    const podfit = await startPodfit(options)
    return new LiveNode(podfit, await connect({ file: podfit.kubeconfig }))
  }

  get client(): KubeClient {
    return this.#client
  }

  /** After podfit has ended: starts it on the same directory. It listens on another port then. */
  async startAgain(under?: readonly string[]): Promise<void> {
    await this.podfit.start([], under)
    this.#connection[Symbol.dispose]()
    this.#connection = await connect({ file: this.podfit.kubeconfig })
    this.#client = createKubeClient(this.#connection)
  }

  /** Above all its cgroups: `/podfit-0a1b2c3d`. */
  get cgroupRoot(): string {
    return String(this.podfit.ready['cgroup'])
  }

  node(): Promise<NodeObject> {
    const name = String(this.podfit.ready['nodeName'])
    return this.client.get(nodes, { name }) as Promise<NodeObject>
  }

  async create(name: string, spec: PodSpec): Promise<Pod> {
    const metadata = { name, namespace }
    const whole = { terminationGracePeriodSeconds: 1, ...spec }
    return this.client.create(pods, { apiVersion: 'v1', kind: 'Pod', metadata, spec: whole })
  }

  /** Creates a pod and waits until all its containers run. */
  async run(name: string, spec: PodSpec): Promise<Pod> {
    await this.create(name, spec)
    return this.until(name, 'run', isRunning, { withinMs: 30_000 })
  }

  get(name: string): Promise<Pod> {
    return this.client.get(pods, { namespace, name })
  }

  /** Waits until the pod is as `holds` wants it; `what` completes "pod NAME to". */
  until(
    name: string,
    what: string,
    holds: (pod: Pod) => boolean,
    options?: WaitOptions,
  ): Promise<Pod> {
    return waitUntil(`pod ${name} to ${what}`, () => this.get(name), holds, options)
  }

  /** Until the node has carried out the newest spec, by what the status says. */
  settled(name: string, options: WaitOptions = { withinMs: 30_000 }): Promise<Pod> {
    return this.until(name, 'be settled', isSettled, options)
  }

  /** Sends a patch to `pods/NAME/resize`; an object is a strategic merge patch of the spec. */
  resize(name: string, patch: Patch | PodSpecPatch): Promise<Pod> {
    const whole: Patch = 'type' in patch ? patch : { type: 'strategic', body: { spec: patch } }
    return this.client.patch(pods, { namespace, name, subresource: 'resize' }, whole)
  }

  async delete(name: string, graceSeconds?: number): Promise<void> {
    const options = graceSeconds === undefined ? {} : { gracePeriodSeconds: graceSeconds }
    await this.client.delete(pods, { namespace, name }, options)
  }

  /** Until the API has no pod of that name. */
  async gone(name: string, options?: WaitOptions): Promise<void> {
    const isGone = async (): Promise<boolean> => {
      try {
        await this.get(name)
        return false
      } catch (error) {
        if (isKubeError(error, 'NotFound')) return true
        throw error
      }
    }
    await waitUntil(`pod ${name} to be gone`, isGone, Boolean, options)
  }

  async remove(...names: readonly string[]): Promise<void> {
    await Promise.all(names.map((name) => this.delete(name)))
    await Promise.all(names.map((name) => this.gone(name, { withinMs: 30_000 })))
  }

  /** Messages of the pod's events of one reason, oldest first. */
  async events(name: string, reason: string): Promise<readonly PodEvent[]> {
    const fieldSelector = `involvedObject.name=${name},reason=${reason}`
    const { items } = await this.client.list(events, { namespace, fieldSelector })
    return items as readonly PodEvent[]
  }

  /** Waits until an event of this reason has exactly this message, and returns it. */
  async told(name: string, reason: string, message: string): Promise<PodEvent> {
    const all = await waitUntil(
      `event ${reason} of pod ${name} to say ${message}`,
      () => this.events(name, reason),
      (some) => some.some((one) => one.message === message),
      { everyMs: 100 },
    )
    return all.find((one) => one.message === message) as PodEvent
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#connection[Symbol.dispose]()
    await this.podfit[Symbol.asyncDispose]()
  }
}

/** The part of a pod's spec that a resize may change. */
export interface PodSpecPatch {
  readonly containers?: readonly Pick<Container, 'name' | 'resources'>[]
  readonly initContainers?: readonly Pick<Container, 'name' | 'resources'>[]
}

export function isRunning({ spec, status }: Pod): boolean {
  const all = status?.containerStatuses ?? []
  return (
    status?.phase === 'Running' &&
    all.length === spec.containers.length &&
    all.every(({ state }) => state?.running !== undefined)
  )
}

export function isSettled({ metadata, status }: Pod): boolean {
  return (
    (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0) &&
    !(status?.conditions ?? []).some(({ type }) => type.startsWith('PodResize'))
  )
}

export function statusOf({ metadata, status }: Pod, container: string) {
  const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]
  const found = all.find(({ name }) => name === container)
  if (found === undefined) throw new Error(`pod ${metadata.name} has no status of ${container}`)
  return found
}

export function conditionOf({ status }: Pod, type: string): PodCondition | undefined {
  return status?.conditions?.find((one) => one.type === type)
}

/** The id that the runtime gave the container. */
export function containerId(pod: Pod, container: string): string {
  return statusOf(pod, container).containerID?.replace(/^containerd:\/\//, '') ?? ''
}
