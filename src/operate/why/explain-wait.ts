import {
  classifyRuntimeError,
  type RuntimeErrorMeaning,
} from '../../domain/resize/actuation/runtime-error.ts'
import { forecastResize, type Forecast } from '../../domain/resize/admission/forecast.ts'
import { reportPod, type PodReport } from '../verify/pod-report.ts'
import { nextSteps } from './next-steps.ts'
import type { Moment } from './patch-moments.ts'
import { timelineOf } from './timeline.ts'
import type { WaitPicture } from './wait-picture.ts'

/** Why a resize is not done, and what to do. */
export interface Explanation {
  readonly report: PodReport
  /** What would happen if the node looked at it now; absent if nothing waits or nothing is known. */
  readonly now?: Forecast
  /** Set when the runtime failed. */
  readonly error?: RuntimeErrorMeaning & { readonly message: string }
  readonly timeline: readonly Moment[]
  /** What to do, the most useful first. */
  readonly next: readonly string[]
  readonly unseen: readonly string[]
}

/** What a resize waits for or failed on, from one picture of the pod, its node and its cgroups. Pure. */
export function explainWait(picture: WaitPicture): Explanation {
  const { pod, look, node, events } = picture
  const report = reportPod(pod, look, node.kind === 'seen' ? node.seen : undefined)
  const { resize } = report
  const waits = resize.kind === 'deferred' || resize.kind === 'infeasible'
  const now = waits ? forecastNow(picture) : undefined
  const error =
    resize.kind === 'failed'
      ? { message: resize.message, ...classifyRuntimeError(resize.message) }
      : undefined
  return {
    report,
    ...(now === undefined ? {} : { now }),
    ...(error === undefined ? {} : { error }),
    timeline: timelineOf(picture, report),
    next: nextSteps(picture, report, now, error),
    unseen: [node, events].flatMap((sight) => (sight.kind === 'unseen' ? [sight.why] : [])),
  }
}

function forecastNow({ pod, node, version }: WaitPicture): Forecast | undefined {
  if (node.kind === 'unseen') return undefined
  const { pods, node: facts, version: own } = node.seen
  const others = pods.filter(({ metadata }) => metadata.uid !== pod.metadata.uid)
  return forecastResize({ pod, wanted: pod, others, node: facts, version: own ?? version })
}
