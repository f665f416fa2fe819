import type { Pod } from '../../domain/pod.ts'
import type { ResizeAdmission } from '../../domain/resize/admission/admission.ts'
import {
  conditionOf,
  pendingType,
  setPending,
  startProgress,
} from '../../domain/resize/conditions.ts'
import { type ResizeNews, resizeEvent } from '../../domain/resize/reporting/events.ts'
import type { KubeVersion } from '../../domain/kube-version.ts'
import type { EventSink } from '../api/api.ts'
import type { NodeMetrics } from '../reporting/node-metrics.ts'
import { podOf } from '../api/pod-event.ts'
import type { ResizeConditions } from '../reporting/resize-conditions.ts'

/** Where it is told what became of a resize. */
export interface ResizeNewsSinks {
  readonly conditions: ResizeConditions
  readonly events: EventSink
  readonly metrics: NodeMetrics
  readonly wake: (uid: string) => void
  readonly version: KubeVersion
}

/** The size is promised, and is to be brought about. */
export function tellStarted(sinks: ResizeNewsSinks, pod: Pod, now: string): void {
  const { uid = '', generation = 0 } = pod.metadata
  sinks.conditions.apply(uid, (all) => startProgress(all, { generation, now }))
  tell(sinks, pod, { kind: 'started' })
  sinks.wake(uid)
}

/** The size is not promised. A refusal that is known already is told once. */
export function tellRefused(
  sinks: ResizeNewsSinks,
  pod: Pod,
  verdict: Exclude<ResizeAdmission, { kind: 'admitted' }>,
  now: string,
): void {
  const { conditions, metrics, wake } = sinks
  const { uid = '', generation = 0 } = pod.metadata
  const reason = verdict.kind === 'deferred' ? 'Deferred' : 'Infeasible'
  const { message } = verdict
  const before = conditions.get(uid)
  const { changed } = conditions.apply(uid, (all) =>
    setPending(all, { reason, message, generation, now }),
  )
  if (changed) {
    if (verdict.kind === 'infeasible') metrics.infeasible(verdict.detail)
    tell(sinks, pod, verdict)
  }
  if (changed || conditionOf(before, pendingType)?.message !== message) wake(uid)
}

export function isDeferred(conditions: ResizeConditions, uid: string): boolean {
  return conditionOf(conditions.get(uid), pendingType)?.reason === 'Deferred'
}

function tell({ events, version }: ResizeNewsSinks, pod: Pod, news: ResizeNews): void {
  const event = resizeEvent(news, pod.spec, pod.metadata.generation ?? 0, version)
  if (event !== undefined) events.record({ pod: podOf(pod), ...event })
}
