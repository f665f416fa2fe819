import type { Pod } from '../../domain/pod.ts'
import type { Unseen } from './cluster-facts.ts'

/** One event of a pod, as Kubernetes keeps it. */
export interface PodEvent {
  /** RFC 3339; the last time that it happened. */
  readonly at: string
  readonly type: string
  readonly reason: string
  readonly message: string
  readonly count: number
  readonly source: string
}

export type EventsSight = { readonly kind: 'seen'; readonly events: readonly PodEvent[] } | Unseen

/** The events of a pod, oldest first. Throws only when no answer can be had at all. */
export interface EventSource {
  eventsOf(pod: Pod, signal: AbortSignal): Promise<EventsSight>
}
