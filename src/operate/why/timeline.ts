import type { Pod } from '../../domain/pod.ts'
import { conditionOf, inProgressType, pendingType } from '../../domain/resize/conditions.ts'
import type { EventsSight } from '../cluster/pod-events.ts'
import type { PodReport } from '../verify/pod-report.ts'
import { patchMoments, type Moment } from './patch-moments.ts'
import type { WaitPicture } from './wait-picture.ts'

const resizeReasons = /^(Resize|Killing|Started|BackOff|OOM|Failed|Evicted|FailedScheduling)/

/** Requests, conditions and events in time order, then what the kernel says now. */
export function timelineOf(
  { pod, events, asked = [] }: WaitPicture,
  report: PodReport,
): readonly Moment[] {
  const past = [...patchMoments(pod, asked), ...conditionMoments(pod), ...eventMoments(events)]
  const inOrder = past.toSorted((a, b) => secondOf(a) - secondOf(b))
  return [...inOrder, { source: 'kernel', what: kernelNow(report) }]
}

function conditionMoments(pod: Pod): readonly Moment[] {
  return [pendingType, inProgressType].flatMap((type): Moment[] => {
    const condition = conditionOf(pod.status?.conditions, type)
    if (!condition?.lastTransitionTime) return []
    const { reason, message } = condition
    const what = [type, reason, message].filter(Boolean).join(': ')
    return [{ at: condition.lastTransitionTime, source: 'condition', what }]
  })
}

function eventMoments(events: EventsSight): readonly Moment[] {
  return (events.kind === 'seen' ? events.events : [])
    .filter(({ reason }) => resizeReasons.test(reason))
    .map(({ at, source, reason, message, count }): Moment => {
      const times = count > 1 ? ` (${count} times)` : ''
      return { at, source: source || 'event', what: `${reason}: ${message}${times}` }
    })
}

/** The API keeps whole seconds: what is closer stays in the order of cause and effect. */
function secondOf({ at = '' }: Moment): number {
  return Math.floor(Date.parse(at) / 1000)
}

function kernelNow({ containers, pod, source, resize }: PodReport): string {
  const files = [...containers, pod].flatMap(({ values }) => values.flatMap(({ files }) => files))
  if (files.length === 0) return source
  const wrong = files.filter(({ ok }) => !ok)
  const which = resize.kind === 'failed' ? 'that the node reports' : 'that is granted'
  if (wrong.length === 0) return `all ${files.length} cgroup files hold the size ${which}`
  return wrong
    .map(({ file, found, expected }) => `${file} says ${found}, not ${expected.join(' or ')}`)
    .join('; ')
}
