import type { NodeOffer } from '../../domain/resize/admission/node-refusal.ts'
import type { Pod } from '../../domain/pod.ts'
import { allocationOf } from '../../domain/resources/pod-resources.ts'
import type { NodeFacts } from '../../domain/resize/admission/admission.ts'
import { admitNewPod } from '../../domain/resize/admission/new-pod.ts'
import type { Checkpoint } from '../checkpoint/checkpoint.ts'
import type { DesiredPods } from '../api/desired-pods.ts'
import { preempt } from './preempt.ts'
import type { PromisedRoom } from './promised-room.ts'
import type { TurnedAway } from './turned-away.ts'

export interface NewPodsOptions {
  readonly checkpoint: Checkpoint
  readonly pods: DesiredPods
  readonly node: NodeFacts & NodeOffer
  readonly room: PromisedRoom
  readonly turnedAway: TurnedAway
  /** The pod's allocation changed. */
  readonly wake: (uid: string) => void
}

/** Lets new pods in where they fit, keeps those that will fit soon, and turns the others away. */
export class NewPods {
  readonly #options: NewPodsOptions

  constructor(options: NewPodsOptions) {
    this.#options = options
  }

  /**
   * Whether the pod has to wait still.
   *
   * @throws Error if its promise could not be written down
   */
  admit(pod: Pod): boolean {
    const { room } = this.#options
    const uid = pod.metadata.uid ?? ''
    const waits = pod.metadata.deletionTimestamp === undefined && this.#decide(pod)
    if (waits) room.keep(uid)
    else room.release(uid)
    return waits
  }

  /** To try each of those that wait, the first first. */
  attempts(): readonly (() => void)[] {
    const { checkpoint, pods, room, wake } = this.#options
    const waiting = [...room.arriving].filter((uid) => checkpoint.allocated(uid) === undefined)
    return waiting.map((uid) => () => {
      const pod = pods.get(uid)
      if (pod !== undefined && !this.admit(pod)) wake(uid)
    })
  }

  /** Whether it has to wait: for others to shrink, or for lesser pods to end if it is critical. */
  #decide(pod: Pod): boolean {
    const { checkpoint, node, room, turnedAway } = this.#options
    const uid = pod.metadata.uid ?? ''
    const verdict = admitNewPod(pod, room.others(uid), node)
    switch (verdict.kind) {
      case 'admitted':
        checkpoint.allocate(uid, allocationOf(pod.spec))
        return false
      case 'waits':
        return true
      case 'short':
        if (preempt(this.#options, pod, verdict.shortages)) return true
        turnedAway.reject(pod, verdict.reason, verdict.message)
        return false
      case 'rejected':
        turnedAway.reject(pod, verdict.reason, verdict.message)
        return false
      default:
        return verdict satisfies never
    }
  }
}
