import type { Pod } from '../../domain/pod.ts'
import { type Allocation, allocationOf } from '../../domain/resources/pod-resources.ts'
import { admitResize, type NodeFacts } from '../../domain/resize/admission/admission.ts'
import { clearPending, conditionOf, inProgressType } from '../../domain/resize/conditions.ts'
import { compareResizes, type WaitingResize } from '../../domain/resize/admission/queue.ts'
import { timestamp } from '../../domain/timestamp.ts'
import type { Checkpoint } from '../checkpoint/checkpoint.ts'
import type { DesiredPods } from '../api/desired-pods.ts'
import type { RetryTrigger } from '../reporting/node-metrics.ts'
import { preempt } from './preempt.ts'
import type { PromisedRoom } from './promised-room.ts'
import { isDeferred, type ResizeNewsSinks, tellRefused, tellStarted } from './resize-news.ts'
import { sameAllocation } from './same-allocation.ts'
import type { TurnedAway } from './turned-away.ts'

export interface WaitingResizesOptions extends ResizeNewsSinks {
  readonly checkpoint: Checkpoint
  readonly pods: DesiredPods
  readonly node: NodeFacts
  readonly room: PromisedRoom
  readonly turnedAway: TurnedAway
  readonly now: () => Date
}

/** A size as it was asked for; without a generation before Kubernetes 1.33. */
interface InfeasibleSize {
  readonly generation: number | undefined
  readonly size: Allocation
}

function isSizeOf({ generation, size }: InfeasibleSize, { metadata, spec }: Pod): boolean {
  return generation === metadata.generation && sameAllocation(size, allocationOf(spec))
}

/** Resizes that this node has not promised: those that may fit later, and those that never do. */
export class WaitingResizes {
  readonly #options: WaitingResizesOptions
  /** UIDs of pods whose desired size is not allocated and may become so. */
  readonly #queue = new Set<string>()
  /** What this node has found infeasible, by UID. */
  readonly #infeasible = new Map<string, InfeasibleSize>()

  constructor(options: WaitingResizesOptions) {
    this.#options = options
  }

  /** Queues what the pod asks for beyond its allocation; gives whether there is something to try. */
  look(pod: Pod, allocation: Allocation): boolean {
    const uid = pod.metadata.uid ?? ''
    if (sameAllocation(allocation, allocationOf(pod.spec))) {
      this.#takenBack(uid)
      return false
    }
    // An infeasible size is looked at again only when the spec changes, or by another node agent.
    const infeasible = this.#infeasible.get(uid)
    if (infeasible !== undefined && isSizeOf(infeasible, pod)) return false
    this.#queue.add(uid)
    return true
  }

  /** What was asked for is what the pod has: like a resize that was accepted, if one was deferred. */
  #takenBack(uid: string): void {
    const { conditions, metrics, room } = this.#options
    this.#queue.delete(uid)
    room.release(uid)
    if (isDeferred(conditions, uid)) metrics.deferredAccepted('pod_updated')
    conditions.apply(uid, clearPending)
  }

  /** The pod is over or turned away: it is not resized any more. */
  leave(uid: string): void {
    this.#queue.delete(uid)
    this.#options.conditions.clear(uid)
  }

  /** The pod is gone. */
  forget(uid: string): void {
    this.#queue.delete(uid)
    this.#infeasible.delete(uid)
  }

  /** To try each of them, in Kubernetes' order. One that must wait holds up no other. */
  attempts(trigger: RetryTrigger): readonly (() => void)[] {
    const { pods, checkpoint, turnedAway } = this.#options
    const waiting = [...this.#queue].flatMap((uid) => {
      const pod = pods.get(uid)
      const allocation = checkpoint.allocated(uid)
      if (pod === undefined || allocation === undefined || turnedAway.has(uid)) return []
      const allocated = pods.allocatedCopy(pod, allocation).spec
      return [{ pod: this.#withConditions(pod), allocated }]
    })
    return waiting.sort(compareResizes).map((resize) => () => this.#attempt(resize, trigger))
  }

  #attempt({ pod, allocated }: WaitingResize, trigger: RetryTrigger): void {
    const { node, room, checkpoint, conditions, metrics, now, version } = this.#options
    const uid = pod.metadata.uid ?? ''
    const verdict = admitResize({ pod, allocated, others: room.others(uid), node, version })
    const at = timestamp(now())
    switch (verdict.kind) {
      case 'admitted':
        checkpoint.allocate(uid, allocationOf(pod.spec), this.#before(uid))
        this.#queue.delete(uid)
        room.release(uid)
        if (isDeferred(conditions, uid)) metrics.deferredAccepted(trigger)
        return tellStarted(this.#options, pod, at)
      case 'deferred':
        if (preempt(this.#options, pod, verdict.shortages)) return room.keep(uid)
        room.release(uid)
        return tellRefused(this.#options, pod, verdict, at)
      case 'infeasible':
        this.#giveUp(pod)
        room.release(uid)
        return tellRefused(this.#options, pod, verdict, at)
      default:
        return verdict satisfies never
    }
  }

  #giveUp({ metadata: { uid = '', generation }, spec }: Pod): void {
    this.#queue.delete(uid)
    this.#infeasible.set(uid, { generation, size: allocationOf(spec) })
  }

  /** What the pod's containers have, all of them: of a resize that is under way, what it began with. */
  #before(uid: string): Allocation | undefined {
    const { checkpoint, conditions } = this.#options
    const isUnderWay = conditionOf(conditions.get(uid), inProgressType) !== undefined
    return isUnderWay ? checkpoint.before(uid) : checkpoint.allocated(uid)
  }

  #withConditions(pod: Pod): Pod {
    const conditions = this.#options.conditions.get(pod.metadata.uid ?? '')
    return { ...pod, status: { ...pod.status, conditions } }
  }
}
