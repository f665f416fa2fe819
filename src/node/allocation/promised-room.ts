import type { Pod, PodStatus } from '../../domain/pod.ts'
import { isOver } from '../../domain/pod/is-over.ts'
import { fitsNode, type NodeFacts } from '../../domain/resize/admission/admission.ts'
import type { Checkpoint } from '../checkpoint/checkpoint.ts'
import type { DesiredPods } from '../api/desired-pods.ts'

export interface PromisedRoomOptions {
  readonly checkpoint: Checkpoint
  readonly pods: DesiredPods
  readonly node: NodeFacts
}

/** Who holds room on this node: pods that were given it, and those that wait for it to be free. */
export class PromisedRoom {
  readonly #options: PromisedRoomOptions
  /**
   * UIDs of pods that have their room as soon as others have shrunk or ended, the first first:
   * new ones, and critical ones that grow.
   */
  readonly #arriving = new Set<string>()

  constructor(options: PromisedRoomOptions) {
    this.#options = options
  }

  get arriving(): Iterable<string> {
    return [...this.#arriving]
  }

  /** The pod waits: those that come after it find its room taken. */
  keep(uid: string): void {
    this.#arriving.add(uid)
  }

  /** It waits no longer: it has its room, or needs none. */
  release(uid: string): void {
    this.#arriving.delete(uid)
  }

  /** Whether the pod as it is given fits beside the others. */
  fits(pod: Pod): boolean {
    return fitsNode(pod, this.others(pod.metadata.uid ?? ''), this.#options.node).kind === 'fits'
  }

  /**
   * The other pods that hold room here, with the sizes that they were given. A pod that
   * waits holds what it will get, against all but those who came before it.
   */
  others(uid: string): readonly Pod[] {
    const { pods, checkpoint } = this.#options
    const ahead = this.#aheadOf(uid)
    const others: Pod[] = []
    for (const pod of pods.all()) {
      const other = pod.metadata.uid ?? ''
      if (other === uid || isOver(pods.status(other))) continue
      const allocation = checkpoint.allocated(other)
      if (ahead.has(other)) others.push(withStatus(pod, pods.status(other)))
      else if (allocation !== undefined) others.push(pods.allocatedCopy(pod, allocation))
    }
    return others
  }

  #aheadOf(uid: string): ReadonlySet<string> {
    if (!this.#arriving.has(uid)) return this.#arriving
    const arriving = [...this.#arriving]
    return new Set(arriving.slice(0, arriving.indexOf(uid)))
  }
}

function withStatus(pod: Pod, status: PodStatus | undefined): Pod {
  return status === undefined ? pod : { ...pod, status }
}
