import type { Pod } from '../../domain/pod.ts'
import {
  applyLimitRanges,
  checkLimitRanges,
  type LimitRange,
} from '../admission/quota/limit-range.ts'
import type { Call } from '../call.ts'
import { forbidden } from '../status-error.ts'

/** The pod with what the namespace's LimitRanges fill in. Pods on their way out are left alone. */
export function withLimitRanges(call: Call, pod: Pod): Pod {
  if (pod.metadata.deletionTimestamp !== undefined) return pod
  const ranges = rangesOf(call)
  return ranges.length === 0 ? pod : applyLimitRanges(pod, ranges)
}

/** @throws StatusError 403 when a LimitRange of the namespace forbids the pod's sizes. */
export function refuseOutOfRange(call: Call, pod: Pod): void {
  const why = checkLimitRanges(pod, rangesOf(call))
  if (why !== undefined) throw forbidden(call.target.kind, pod.metadata.name, why)
}

function rangesOf(call: Call): readonly LimitRange[] {
  return call.server.store
    .listLatest('limitranges', `${call.target.namespace ?? ''}/`)
    .map(({ object }) => object as unknown as LimitRange)
}
