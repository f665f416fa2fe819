import type { Pod, PodCondition } from '../../domain/pod.ts'
import { timestamp } from '../../domain/timestamp.ts'
import type { EventSink } from '../api/api.ts'
import { podOf } from '../api/pod-event.ts'

/** Why a new pod was turned away. */
export interface Rejection {
  readonly reason: string
  readonly message: string
  /** Set for a pod that ran and has to go: how long its containers may take. @default 0 */
  readonly graceSeconds?: number
  /** A further condition of the pod's status. */
  readonly condition?: PodCondition
}

/** Why a pod that runs has to go. */
export interface Eviction {
  readonly reason: string
  readonly message: string
  readonly graceSeconds: number
  /** Message of the condition DisruptionTarget. */
  readonly disruption: string
}

export interface TurnedAwayOptions {
  readonly events: EventSink
  readonly wake: (uid: string) => void
  readonly now: () => Date
}

/** The pods of this node that it does not run, or not any more, and why. */
export class TurnedAway {
  readonly #options: TurnedAwayOptions
  readonly #rejections = new Map<string, Rejection>()

  constructor(options: TurnedAwayOptions) {
    this.#options = options
  }

  get(uid: string): Rejection | undefined {
    return this.#rejections.get(uid)
  }

  has(uid: string): boolean {
    return this.#rejections.has(uid)
  }

  forget(uid: string): void {
    this.#rejections.delete(uid)
  }

  /** A new pod does not come in. */
  reject(pod: Pod, reason: string, message: string): void {
    const uid = pod.metadata.uid ?? ''
    this.#rejections.set(uid, { reason, message: `Pod was rejected: ${message}` })
    this.#options.events.record({ pod: podOf(pod), type: 'Warning', reason, message })
  }

  /** A pod that runs has to go. */
  evict(pod: Pod, { reason, message, graceSeconds, disruption }: Eviction): void {
    const { events, wake, now } = this.#options
    const uid = pod.metadata.uid ?? ''
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'TerminationByKubelet',
      message: disruption,
      lastProbeTime: null,
      lastTransitionTime: timestamp(now()),
    }
    this.#rejections.set(uid, { reason, message, graceSeconds, condition })
    events.record({ pod: podOf(pod), type: 'Warning', reason, message })
    wake(uid)
  }
}

/** @see kubelet's pkg/kubelet/preemption */
export function preempted(pod: Pod): Eviction {
  return {
    reason: 'Preempting',
    message: 'Preempted in order to admit critical pod',
    graceSeconds: pod.spec.terminationGracePeriodSeconds ?? 30,
    disruption: 'Pod was preempted by Kubelet to accommodate a critical pod.',
  }
}
