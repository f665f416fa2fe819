import { randomBytes } from 'node:crypto'
import { containerKnobs, podKnobs } from '../../src/domain/cgroup/knobs.ts'
import { podCgroupPath } from '../../src/domain/cgroup/names.ts'
import type { Pod, PodStatus, ResourceRequirements } from '../../src/domain/pod.ts'
import { qosClassOf } from '../../src/domain/resources/qos.ts'
import { sizeOf } from '../../src/domain/resources/size.ts'
import { pods } from '../../src/kube/object/resource.ts'
import { idle, namespace, type LiveNode } from '../e2e/live-node.ts'
import { settledStatus } from '../support/fake-pod-api.ts'

/**
 * A pod of another node, whose agent is the test: it makes the cgroups, real ones of this
 * machine, and tells what a node tells.
 */
export class ForeignPod implements Disposable {
  readonly #node: LiveNode
  readonly #resources: ResourceRequirements
  readonly #root: string
  readonly pod: Pod
  #id = ''

  private constructor(node: LiveNode, pod: Pod, resources: ResourceRequirements) {
    this.#node = node
    this.#resources = resources
    this.#root = `${node.cgroupRoot}/foreign`
    this.pod = pod
  }

  static async run(
    node: LiveNode,
    name: string,
    resources: ResourceRequirements,
  ): Promise<ForeignPod> {
    const containers = [idle('app', resources)]
    const spec = { nodeName: 'other', containers }
    const foreign = new ForeignPod(node, await node.create(name, spec), resources)
    await foreign.start()
    return foreign
  }

  /** The pod's cgroup. */
  get cgroup(): string {
    const { spec, metadata } = this.pod
    return podCgroupPath(this.#root, qosClassOf(spec), metadata.uid ?? '', 'cgroupfs')
  }

  get containerCgroup(): string {
    return `${this.cgroup}/${this.#id}`
  }

  get status(): PodStatus {
    return settledStatus(this.#resources, 1, { containerID: `containerd://${this.#id}` })
  }

  /** Has its container start, or start anew: it has another ID and cgroup then. */
  async start(): Promise<void> {
    const { tree } = this.#node
    if (tree.has(this.cgroup)) tree.remove(this.containerCgroup)
    this.#id = randomBytes(32).toString('hex')
    this.makeCgroups()
    await this.tell({})
  }

  /** The cgroups as they should be, below those of all pods, or right below `flat`. */
  makeCgroups(flat?: string): void {
    const { tree } = this.#node
    const path =
      flat === undefined ? this.cgroup : `${this.#root}/${flat}/pod${this.pod.metadata.uid}`
    tree.create(`${path}/${this.#id}`)
    tree.write(path, podKnobs(this.pod.spec))
    tree.write(`${path}/${this.#id}`, containerKnobs(sizeOf(this.#resources)))
  }

  /** Tells the API its status, with something wrong of its container. */
  async tell(wrong: object): Promise<void> {
    const { containerStatuses: [first] = [], ...others } = this.status
    const body = { status: { ...others, containerStatuses: [{ ...first, ...wrong }] } }
    const { name } = this.pod.metadata
    const address = { namespace, name, subresource: 'status' }
    await this.#node.client.patch(pods, address, { type: 'merge', body })
  }

  /** Tells that its container runs in `runtime`. */
  async tellRuntime(runtime: string): Promise<void> {
    await this.tell({ containerID: `${runtime}://${this.#id}` })
  }

  [Symbol.dispose](): void {
    this.#node.tree.remove(this.#root, { recursive: true })
  }
}
