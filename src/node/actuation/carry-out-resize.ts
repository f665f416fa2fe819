import type { BackingOff } from '../../domain/lifecycle/decide.ts'
import type { Pod } from '../../domain/pod.ts'
import {
  clearInProgress,
  conditionOf,
  inProgressType,
  setInProgress,
} from '../../domain/resize/conditions.ts'
import { type ResizeNews, resizeEvent } from '../../domain/resize/reporting/events.ts'
import { timestamp } from '../../domain/timestamp.ts'
import { type Actuation, actuate } from './actuate.ts'
import type { NodeContext } from '../node-context.ts'
import { podOf } from '../api/pod-event.ts'
import { reportStatus } from '../reporting/report-status.ts'
import { isStillPromised } from '../allocation/still-wanted.ts'
import { type FailedResize, takeBack } from './take-back.ts'

const slowResizeMs = 500
/** The same of one that begins behind others: to tell it of each would hold all of them up. */
const slowInBurstMs = 2000
/** What happens meanwhile is told that late at most. */
const againMs = 2000

export type ResizeResult =
  | Exclude<Actuation, { kind: 'failed' }>
  | ({ readonly kind: 'failed' } & FailedResize)

/**
 * Carries the allocated size out and tells how it went, by condition and event.
 *
 * @param backingOff what a status in between says of containers that wait.
 */
export async function carryOutResize(
  context: NodeContext,
  pod: Pod,
  backingOff: readonly BackingOff[],
): Promise<ResizeResult> {
  const uid = pod.metadata.uid ?? ''
  const endReports = reportWhileSlow(context, pod, backingOff)
  const result = await carryOut(context, pod).finally(endReports)
  // Another size was promised meanwhile: its run follows, and has its own word to say.
  if (result.kind === 'notWanted' || !isStillPromised(context, pod)) return result
  if (result.kind === 'failed') {
    const generation = acceptedGeneration(context, pod)
    const now = timestamp(context.now())
    const { changed } = context.conditions.apply(uid, (all) =>
      setInProgress(all, { error: result.message, generation, now }),
    )
    if (changed) tell(context, pod, { kind: 'error', message: result.message }, generation)
    return result
  }
  completeResize(context, pod)
  return result
}

/** All of the pod has its allocated size, or gets it when it starts: a resize that was told of is over. */
export function completeResize(context: NodeContext, pod: Pod): void {
  const generation = acceptedGeneration(context, pod)
  const { cleared } = context.conditions.apply(pod.metadata.uid ?? '', clearInProgress)
  if (cleared !== undefined) tell(context, pod, { kind: 'completed' }, generation)
}

/** A newer size may wait still: what is told is about the one that was accepted. */
function acceptedGeneration({ conditions }: NodeContext, { metadata }: Pod): number {
  const { uid = '', generation = 0 } = metadata
  return conditionOf(conditions.get(uid), inProgressType)?.observedGeneration ?? generation
}

/**
 * Most are over before anybody could read this; who waits longer is told why, and that a
 * newer size waits still, if one was asked for meanwhile.
 *
 * @returns what ends it.
 */
function reportWhileSlow(
  context: NodeContext,
  pod: Pod,
  backingOff: readonly BackingOff[],
): () => void {
  const report = (): void => {
    reportSlow(context, pod, backingOff)
    timer = setTimeout(report, againMs)
  }
  const slowMs = context.resizeTurns.isFull ? slowInBurstMs : slowResizeMs
  let timer = setTimeout(report, slowMs)
  return () => clearTimeout(timer)
}

function reportSlow(context: NodeContext, pod: Pod, backingOff: readonly BackingOff[]): void {
  try {
    reportStatus(context, pod, { backingOff })
  } catch {
    // What cannot be read fails the report at the end of the run as well, which tells of it.
  }
}

async function carryOut(context: NodeContext, pod: Pod): Promise<ResizeResult> {
  const result = await actuate(context, pod)
  if (result.kind !== 'failed') return result
  return { kind: 'failed', ...(await takeBack(context, pod, result)) }
}

function tell(context: NodeContext, pod: Pod, news: ResizeNews, generation: number): void {
  const event = resizeEvent(news, pod.spec, generation, context.version)
  if (event !== undefined) context.events.record({ pod: podOf(pod), ...event })
}
