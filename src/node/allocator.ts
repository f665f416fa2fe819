import type { NodeOffer } from '../domain/lifecycle/node-refusal.ts'
import type { Pod } from '../domain/pod.ts'
import { type Allocation, allocationOf } from '../domain/pod-resources.ts'
import { admitResize, fitsNode, type NodeFacts, type Shortage } from '../domain/resize/admission.ts'
import { clearPending, conditionOf, inProgressType } from '../domain/resize/conditions.ts'
import type { KubeVersion } from '../domain/resize/kube-version.ts'
import { admitNewPod } from '../domain/resize/new-pod.ts'
import { isCritical, podsToPreempt } from '../domain/resize/preemption.ts'
import { compareResizes, type WaitingResize } from '../domain/resize/queue.ts'
import { recoveredAllocation } from '../domain/resize/recovered-allocation.ts'
import type { EventSink } from './api.ts'
import type { Checkpoint } from './checkpoint.ts'
import { type DesiredPods, isOver } from './desired-pods.ts'
import type { NodeMetrics, RetryTrigger } from './node-metrics.ts'
import type { ResizeConditions } from './resize-conditions.ts'
import { isDeferred, tellRefused, tellStarted } from './resize-news.ts'
import { sameAllocation } from './same-allocation.ts'
import { tryAll } from './try-all.ts'
import { type Eviction, preempted, type Rejection, TurnedAway } from './turned-away.ts'

/** A size as it was asked for; without a generation before Kubernetes 1.33. */
interface InfeasibleSize {
  readonly generation: number | undefined
  readonly size: Allocation
}

function isSizeOf({ generation, size }: InfeasibleSize, { metadata, spec }: Pod): boolean {
  return generation === metadata.generation && sameAllocation(size, allocationOf(spec))
}

export interface AllocatorOptions {
  readonly checkpoint: Checkpoint
  readonly pods: DesiredPods
  /** Whether the runtime has anything of the pod. */
  readonly runsHere: (uid: string) => boolean
  readonly conditions: ResizeConditions
  readonly node: NodeFacts & NodeOffer
  readonly version: KubeVersion
  readonly events: EventSink
  readonly metrics: NodeMetrics
  /** The pod's allocation or its conditions changed. */
  readonly wake: (uid: string) => void
  readonly now: () => Date
}

/**
 * Decides which sizes this node promises (the kubelet's allocation manager):
 * new pods when they come, resizes from a queue that is tried again whenever
 * room may have appeared. Every promise is written down before anybody acts on it.
 */
export class Allocator {
  readonly #options: AllocatorOptions
  /** UIDs of pods whose desired size is not allocated and may become so. */
  readonly #queue = new Set<string>()
  /** UIDs of new pods that have their room as soon as others have shrunk, the first first. */
  readonly #arriving = new Set<string>()
  /** What this node has found infeasible, by UID. */
  readonly #infeasible = new Map<string, InfeasibleSize>()
  readonly #turnedAway: TurnedAway
  #open = false

  constructor(options: AllocatorOptions) {
    this.#options = options
    this.#turnedAway = new TurnedAway(options)
  }

  /** Why the node does not run this pod, if it does not. */
  rejection(uid: string): Rejection | undefined {
    return this.#turnedAway.get(uid)
  }

  /**
   * Every pod of this node is known: only now is it clear what room there is.
   * Until then nothing is promised, and what was promised before stays.
   */
  open(): void {
    this.#open = true
    const pods = [...this.#options.pods.all()].sort(olderFirst)
    const recoveries = pods.map((pod) => () => this.#recover(pod))
    const looks = pods.map((pod) => () => void this.#look(pod))
    const retry = (): void => this.retry('pods_added')
    tryAll([...recoveries, ...looks, retry], (attempt) => attempt())
  }

  /**
   * A pod that runs here was promised room, also where the record of it is lost: it is not
   * asked anew whether it fits.
   */
  #recover(pod: Pod): void {
    const { checkpoint, pods, runsHere } = this.#options
    const uid = pod.metadata.uid ?? ''
    if (checkpoint.allocated(uid) !== undefined || !runsHere(uid)) return
    const status = pods.status(uid)
    if (isOver(status)) return
    checkpoint.allocate(uid, recoveredAllocation({ ...pod, ...(status && { status }) }))
  }

  /** A pod came or changed: allocates it, or queues its resize and tries the queue. */
  podChanged(pod: Pod): void {
    const trigger = this.#look(pod)
    if (trigger !== undefined) this.retry(trigger)
  }

  /** Gives what there is to retry for, if there is. */
  #look(pod: Pod): RetryTrigger | undefined {
    const { checkpoint, pods } = this.#options
    const uid = pod.metadata.uid ?? ''
    if (isOver(pods.status(uid)) || this.#turnedAway.has(uid)) {
      this.#leave(uid)
      return undefined
    }
    if (this.#open) this.#recover(pod)
    const allocation = checkpoint.allocated(uid)
    if (allocation === undefined) {
      if (this.#open) this.#admitNew(pod)
      return 'pods_added'
    }
    if (sameAllocation(allocation, allocationOf(pod.spec))) {
      this.#takenBack(uid)
      return undefined
    }
    // An infeasible size is looked at again only when the spec changes, or by another node agent.
    const infeasible = this.#infeasible.get(uid)
    if (infeasible !== undefined && isSizeOf(infeasible, pod)) return undefined
    this.#queue.add(uid)
    return 'pod_updated'
  }

  /** What was asked for is what the pod has: like a resize that was accepted, if one was deferred. */
  #takenBack(uid: string): void {
    const { conditions, metrics } = this.#options
    this.#queue.delete(uid)
    if (isDeferred(conditions, uid)) metrics.deferredAccepted('pod_updated')
    conditions.apply(uid, clearPending)
  }

  podRemoved(uid: string): void {
    this.#queue.delete(uid)
    this.#arriving.delete(uid)
    this.#infeasible.delete(uid)
    this.#turnedAway.forget(uid)
    this.retry('pods_removed')
  }

  /**
   * Tries the new pods that wait for room, then the waiting resizes in Kubernetes' order. One
   * that must wait holds up no other.
   *
   * @throws Error of the first whose promise could not be written down, when all were tried
   */
  retry(trigger: RetryTrigger): void {
    if (!this.#open) return
    const { pods, checkpoint, wake } = this.#options
    const arriving = [...this.#arriving].map((uid) => () => {
      const pod = pods.get(uid)
      if (pod !== undefined && !this.#admitNew(pod)) wake(uid)
    })
    const waiting = [...this.#queue].flatMap((uid) => {
      const pod = pods.get(uid)
      const allocation = checkpoint.allocated(uid)
      if (pod === undefined || allocation === undefined) return []
      return [
        { pod: this.#withConditions(pod), allocated: pods.allocatedCopy(pod, allocation).spec },
      ]
    })
    const resizes = waiting
      .sort(compareResizes)
      .map((resize) => () => this.#tryResize(resize, trigger))
    tryAll([...arriving, ...resizes], (attempt) => attempt())
  }

  /** Whether the pod has to wait still. */
  #admitNew(pod: Pod): boolean {
    const uid = pod.metadata.uid ?? ''
    const waits = pod.metadata.deletionTimestamp === undefined && this.#decideNew(pod)
    if (waits) this.#arriving.add(uid)
    else this.#arriving.delete(uid)
    return waits
  }

  /** Whether it has to wait: for others to shrink, or for lesser pods to end if it is critical. */
  #decideNew(pod: Pod): boolean {
    const { checkpoint, node } = this.#options
    const uid = pod.metadata.uid ?? ''
    const verdict = admitNewPod(pod, this.#others(uid), node)
    switch (verdict.kind) {
      case 'admitted':
        checkpoint.allocate(uid, allocationOf(pod.spec))
        return false
      case 'waits':
        return true
      case 'short':
        if (this.#preempt(pod, verdict.shortages)) return true
        this.#turnedAway.reject(pod, verdict.reason, verdict.message)
        return false
      case 'rejected':
        this.#turnedAway.reject(pod, verdict.reason, verdict.message)
        return false
      default:
        return verdict satisfies never
    }
  }

  #tryResize({ pod, allocated }: WaitingResize, trigger: RetryTrigger): void {
    const { node, checkpoint, conditions, metrics, now, version } = this.#options
    const uid = pod.metadata.uid ?? ''
    const verdict = admitResize({ pod, allocated, others: this.#others(uid), node, version })
    const at = `${now().toISOString().slice(0, 19)}Z`
    switch (verdict.kind) {
      case 'admitted':
        checkpoint.allocate(uid, allocationOf(pod.spec), this.#before(uid))
        this.#queue.delete(uid)
        if (isDeferred(conditions, uid)) metrics.deferredAccepted(trigger)
        return tellStarted(this.#options, pod, at)
      case 'deferred':
      case 'infeasible':
        if (verdict.kind === 'infeasible') {
          this.#queue.delete(uid)
          const size = allocationOf(pod.spec)
          this.#infeasible.set(uid, { generation: pod.metadata.generation, size })
        } else this.#preempt(pod, verdict.shortages)
        return tellRefused(this.#options, pod, verdict, at)
      default:
        return verdict satisfies never
    }
  }

  /** What the pod's containers have, all of them: of a resize that is under way, what it began with. */
  #before(uid: string): Allocation | undefined {
    const { checkpoint, conditions } = this.#options
    const isUnderWay = conditionOf(conditions.get(uid), inProgressType) !== undefined
    return isUnderWay ? checkpoint.before(uid) : checkpoint.allocated(uid)
  }

  /** Whether the pod as it is given fits beside the others. */
  hasRoom(pod: Pod): boolean {
    const { node } = this.#options
    return fitsNode(pod, this.#others(pod.metadata.uid ?? ''), node).kind === 'fits'
  }

  /**
   * Ends lesser pods for a critical one. When they have ended it is tried again, as with any
   * room that appears; until then a resize is Deferred. False if there is nobody to end.
   *
   * @see kubelet's pkg/kubelet/preemption
   */
  #preempt(pod: Pod, shortages: readonly Shortage[]): boolean {
    if (!isCritical(pod)) return false
    const others = this.#others(pod.metadata.uid ?? '')
    const victims = podsToPreempt(pod, others, shortages)
    if (victims === undefined) return false
    for (const victim of victims) {
      // Who is going already leaves room soon.
      if (!this.#turnedAway.has(victim.metadata.uid ?? '')) this.evict(victim, preempted(victim))
    }
    return true
  }

  /** Ends a pod that runs: its status says why, and it does not come back. */
  evict(pod: Pod, eviction: Eviction): void {
    this.#arriving.delete(pod.metadata.uid ?? '')
    this.#turnedAway.evict(pod, eviction)
  }

  #leave(uid: string): void {
    this.#queue.delete(uid)
    this.#arriving.delete(uid)
    this.#options.conditions.clear(uid)
  }

  #withConditions(pod: Pod): Pod {
    const conditions = this.#options.conditions.get(pod.metadata.uid ?? '')
    return { ...pod, status: { ...pod.status, conditions } }
  }

  /**
   * The other pods that hold room here, with the sizes that they were given. A new pod that
   * waits holds what it will get, against all but those who came before it.
   */
  #others(uid: string): readonly Pod[] {
    const { pods, checkpoint } = this.#options
    const arriving = [...this.#arriving]
    const ahead = new Set(
      this.#arriving.has(uid) ? arriving.slice(0, arriving.indexOf(uid)) : arriving,
    )
    const others: Pod[] = []
    for (const pod of pods.all()) {
      const other = pod.metadata.uid ?? ''
      if (other === uid || isOver(pods.status(other))) continue
      const allocation = checkpoint.allocated(other)
      if (allocation !== undefined) others.push(pods.allocatedCopy(pod, allocation))
      else if (ahead.has(other)) others.push(pod)
    }
    return others
  }
}

function olderFirst(a: Pod, b: Pod): number {
  return (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? '')
}
