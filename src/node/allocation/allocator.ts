import { isOver } from '../../domain/pod/is-over.ts'
import type { NodeOffer } from '../../domain/resize/admission/node-refusal.ts'
import type { Pod } from '../../domain/pod.ts'
import type { NodeFacts } from '../../domain/resize/admission/admission.ts'
import { recoveredAllocation } from '../../domain/resize/admission/recovered-allocation.ts'
import type { Checkpoint } from '../checkpoint/checkpoint.ts'
import type { DesiredPods } from '../api/desired-pods.ts'
import { NewPods } from './new-pods.ts'
import type { RetryTrigger } from '../reporting/node-metrics.ts'
import { PromisedRoom } from './promised-room.ts'
import type { ResizeNewsSinks } from './resize-news.ts'
import { tryAll } from '../try-all.ts'
import { type Eviction, type Rejection, TurnedAway } from './turned-away.ts'
import { WaitingResizes } from './waiting-resizes.ts'

/** `wake`: the pod's allocation or its conditions changed. */
export interface AllocatorOptions extends ResizeNewsSinks {
  readonly checkpoint: Checkpoint
  readonly pods: DesiredPods
  /** Whether the runtime has anything of the pod. */
  readonly runsHere: (uid: string) => boolean
  readonly node: NodeFacts & NodeOffer
  readonly now: () => Date
  /** Of a try that nobody asked for. */
  readonly onError: (message: string, error: unknown) => void
}

/** The kubelet's: what waits is tried again also when nothing tells of room. */
const retryMs = 180_000

/**
 * Decides which sizes this node promises (the kubelet's allocation manager):
 * new pods when they come, resizes from a queue that is tried again whenever
 * room may have appeared. Every promise is written down before anybody acts on it.
 */
export class Allocator implements Disposable {
  readonly #options: AllocatorOptions
  readonly #room: PromisedRoom
  readonly #turnedAway: TurnedAway
  readonly #newPods: NewPods
  readonly #resizes: WaitingResizes
  #timer: NodeJS.Timeout | undefined
  #open = false

  constructor(options: AllocatorOptions) {
    this.#options = options
    this.#room = new PromisedRoom(options)
    this.#turnedAway = new TurnedAway(options)
    const parts = { ...options, room: this.#room, turnedAway: this.#turnedAway }
    this.#newPods = new NewPods(parts)
    this.#resizes = new WaitingResizes(parts)
  }

  /** Why the node does not run this pod, if it does not. */
  rejection(uid: string): Rejection | undefined {
    return this.#turnedAway.get(uid)
  }

  /** Whether every pod of this node is known. */
  get isOpen(): boolean {
    return this.#open
  }

  /**
   * Every pod of this node is known: only now is it clear what room there is.
   * Until then nothing is promised, and what was promised before stays.
   */
  open(): void {
    this.#open = true
    this.#timer ??= setInterval(() => this.#retryByTheClock(), retryMs).unref()
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
      this.podEnded(uid)
      return undefined
    }
    if (this.#open) this.#recover(pod)
    const allocation = checkpoint.allocated(uid)
    if (allocation !== undefined) {
      return this.#resizes.look(pod, allocation) ? 'pod_updated' : undefined
    }
    if (this.#open) this.#newPods.admit(pod)
    return 'pods_added'
  }

  /** The pod is over, or is to end: it needs no room any more, and no resize of it waits. */
  podEnded(uid: string): void {
    this.#room.release(uid)
    this.#resizes.leave(uid)
  }

  podRemoved(uid: string): void {
    this.#room.release(uid)
    this.#resizes.forget(uid)
    this.#turnedAway.forget(uid)
    this.retry('pods_removed')
  }

  /**
   * Tries the new pods that wait for room, then the waiting resizes.
   *
   * @throws Error of the first whose promise could not be written down, when all were tried
   */
  retry(trigger: RetryTrigger): void {
    if (!this.#open) return
    const attempts = [...this.#newPods.attempts(), ...this.#resizes.attempts(trigger)]
    tryAll(attempts, (attempt) => attempt())
  }

  #retryByTheClock(): void {
    try {
      this.retry('periodic_retry')
    } catch (error) {
      this.#options.onError(
        'Cannot write down what pods are promised, it is tried again in 3 minutes',
        error,
      )
    }
  }

  /** Whether the pod as it is given fits beside the others. */
  hasRoom(pod: Pod): boolean {
    return this.#room.fits(pod)
  }

  /** Ends a pod that runs: its status says why, and it does not come back. */
  evict(pod: Pod, eviction: Eviction): void {
    this.#room.release(pod.metadata.uid ?? '')
    this.#turnedAway.evict(pod, eviction)
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}

function olderFirst(a: Pod, b: Pod): number {
  return (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? '')
}
