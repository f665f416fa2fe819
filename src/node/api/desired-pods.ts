import type { Pod, PodStatus } from '../../domain/pod.ts'
import { type Allocation, withAllocated } from '../../domain/resources/pod-resources.ts'

/** Made of the pod, its allocation and its status; the spec of the first two only. */
interface AllocatedCopy {
  readonly from: Pod
  readonly allocation: Allocation
  readonly status: PodStatus | undefined
  readonly copy: Pod
}

/**
 * The pods that the API wants on this node, by UID, and beside each what the
 * node has last said of it. The arithmetic of room uses the *allocated* copy: the
 * desired spec with the sizes that the node has admitted, and the node's own
 * newest status.
 */
export class DesiredPods {
  readonly #pods = new Map<string, Pod>()
  readonly #statuses = new Map<string, PodStatus>()
  readonly #allocated = new Map<string, AllocatedCopy>()

  /** Gives the pod as it is kept: with the spec object that it had before if that says the same. */
  set(pod: Pod): Pod {
    const uid = pod.metadata.uid ?? ''
    const before = this.#pods.get(uid)
    const { generation } = pod.metadata
    // A watch brings a new copy of everything. By the same object others know that nothing changed.
    const isSame = generation !== undefined && generation === before?.metadata.generation
    const kept = isSame && before !== undefined ? { ...pod, spec: before.spec } : pod
    this.#pods.set(uid, kept)
    return kept
  }

  get(uid: string): Pod | undefined {
    return this.#pods.get(uid)
  }

  delete(uid: string): void {
    this.#pods.delete(uid)
    this.#statuses.delete(uid)
    this.#allocated.delete(uid)
  }

  all(): Iterable<Pod> {
    return this.#pods.values()
  }

  /** The status that the node last reported, else what the API has. */
  status(uid: string): PodStatus | undefined {
    return this.#statuses.get(uid) ?? this.#pods.get(uid)?.status
  }

  setStatus(uid: string, status: PodStatus): void {
    this.#statuses.set(uid, status)
  }

  /** The pod as the node runs it. The same object, or one with the same spec, as long as those do not change. */
  allocatedCopy(pod: Pod, allocation: Allocation): Pod {
    const uid = pod.metadata.uid ?? ''
    const status = this.status(uid)
    const known = this.#allocated.get(uid)
    const isKnown = known?.allocation === allocation && known.from.spec === pod.spec
    if (isKnown && known.from === pod && known.status === status) return known.copy
    const spec = isKnown ? known.copy.spec : withAllocated(pod.spec, allocation)
    const copy = { ...pod, spec, ...(status === undefined ? {} : { status }) }
    this.#allocated.set(uid, { from: pod, allocation, status, copy })
    return copy
  }
}
