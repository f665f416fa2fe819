import type { Pod, PodStatus } from '../domain/pod.ts'
import { type Allocation, withAllocated } from '../domain/pod-resources.ts'

/**
 * The pods that the API wants on this node, by UID, and beside each what the
 * node has last said of it. The arithmetic of room uses the *allocated* copy: the
 * desired spec with the sizes that the node has admitted, and the node's own
 * newest status.
 */
export class DesiredPods {
  readonly #pods = new Map<string, Pod>()
  readonly #statuses = new Map<string, PodStatus>()
  readonly #allocated = new Map<string, { from: Pod; allocation: Allocation; copy: Pod }>()

  set(pod: Pod): void {
    this.#pods.set(pod.metadata.uid ?? '', pod)
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
    this.#allocated.delete(uid)
  }

  /** The pod as the node runs it. The same object as long as nothing of it changed. */
  allocatedCopy(pod: Pod, allocation: Allocation): Pod {
    const uid = pod.metadata.uid ?? ''
    const known = this.#allocated.get(uid)
    if (known?.from === pod && known.allocation === allocation) return known.copy
    const status = this.status(uid)
    const spec = withAllocated(pod.spec, allocation)
    const copy = { ...pod, spec, ...(status === undefined ? {} : { status }) }
    this.#allocated.set(uid, { from: pod, allocation, copy })
    return copy
  }
}

/** Whether the pod has ended and needs no room any more. */
export function isOver(status: PodStatus | undefined): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed'
}
