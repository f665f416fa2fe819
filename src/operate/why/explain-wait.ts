import type { Pod } from '../../domain/pod.ts'
import { bytesQuantity, milliCpuQuantity } from '../../domain/quantity.ts'
import { conditionOf, inProgressType, pendingType } from '../../domain/resize/conditions.ts'
import { forecastResize, type Forecast } from '../../domain/resize/admission/forecast.ts'
import type { KubeVersion } from '../../domain/kube-version.ts'
import { amountsIn, amountsOf } from '../../domain/resize/admission/node-usage.ts'
import {
  classifyRuntimeError,
  type RuntimeErrorMeaning,
} from '../../domain/resize/actuation/runtime-error.ts'
import { sameSize, sizeOf, type Size } from '../../domain/resources.ts'
import { bytes, milliCpu } from '../../domain/units.ts'
import type { CgroupLook } from '../cgroups/cgroup-look.ts'
import type { NodeSight } from '../cluster/cluster-facts.ts'
import { containersOf, type PodContainer } from '../containers.ts'
import { grantedPodLevel, grantedSize } from '../held-size.ts'
import type { EventsSight } from '../cluster/pod-events.ts'
import { patchMoments, type Moment } from './patch-moments.ts'
import { reportPod, type PodReport } from '../verify/pod-report.ts'

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

export interface WaitPicture {
  readonly pod: Pod
  readonly look: CgroupLook
  readonly node: NodeSight
  readonly events: EventsSight
  /** When podfit itself asked for a size of the pod, by its journals. @default never */
  readonly asked?: readonly Moment[]
  readonly version: KubeVersion
}

/** What a resize waits for or failed on, from one picture of the pod, its node and its cgroups. Pure. */
export function explainWait(picture: WaitPicture): Explanation {
  const { pod, look, node, events, asked = [] } = picture
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
    timeline: timelineOf(patchMoments(pod, asked), pod, events, report),
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

const resizeReasons = /^(Resize|Killing|Started|BackOff|OOM|Failed|Evicted|FailedScheduling)/

/** Requests, conditions and events in time order, then what the kernel says now. */
function timelineOf(
  patches: readonly Moment[],
  pod: Pod,
  events: EventsSight,
  report: PodReport,
): readonly Moment[] {
  const conditions = [pendingType, inProgressType].flatMap((type): Moment[] => {
    const condition = conditionOf(pod.status?.conditions, type)
    if (!condition?.lastTransitionTime) return []
    const { reason, message } = condition
    const what = [type, reason, message].filter(Boolean).join(': ')
    return [{ at: condition.lastTransitionTime, source: 'condition', what }]
  })
  const told = (events.kind === 'seen' ? events.events : [])
    .filter(({ reason }) => resizeReasons.test(reason))
    .map(({ at, source, reason, message, count }): Moment => {
      const times = count > 1 ? ` (${count} times)` : ''
      return { at, source: source || 'event', what: `${reason}: ${message}${times}` }
    })
  const past = [...patches, ...conditions, ...told].toSorted((a, b) => secondOf(a) - secondOf(b))
  return [...past, { source: 'kernel', what: kernelNow(report) }]
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

function nextSteps(
  picture: WaitPicture,
  report: PodReport,
  now: Forecast | undefined,
  error: RuntimeErrorMeaning | undefined,
): readonly string[] {
  const { resize, name } = report
  switch (resize.kind) {
    case 'settled':
      return report.verdict !== 'drift'
        ? []
        : [`see what differs: podfit verify ${name} -n ${report.namespace}`]
    case 'deferred':
      return [...roomSteps(now), ...cancelStep(picture.pod)]
    case 'infeasible':
      return [...boundSteps(picture), ...cancelStep(picture.pod)]
    case 'failed':
      return [
        ...(error === undefined ? [] : [error.cure]),
        ...cancelStep(picture.pod, reportedSize),
      ]
    case 'inProgress':
    case 'notYetObserved':
      return ['look again in a moment; after a minute, see the log of the kubelet on the node']
    default:
      return resize satisfies never
  }
}

function amount(resource: string, value: number): string {
  if (resource === 'cpu') return milliCpuQuantity(milliCpu(value))
  return resource === 'memory' ? bytesQuantity(bytes(value)) : `${value}`
}

/** What would make room, the smallest act first. */
function roomSteps(now: Forecast | undefined): readonly string[] {
  if (now === undefined) return ['free requests on the node, or ask for less']
  if (now.kind === 'accepted') return ['there is room now: the node takes it at its next try']
  if (now.kind === 'infeasible') return [`ask for less: ${now.message}`]
  const [short] = now.shortages
  if (short === undefined) return []
  const { resource, requested, used, capacity } = short
  const missing = amount(resource, requested - (capacity - used))
  // One that keeps most of what it has, rather than one that would have to go.
  const best = now.holders.toSorted((a, b) => b.holds - a.holds)[0]
  return [
    `${missing} ${resource} is missing on the node`,
    ...(best?.enough === true
      ? [`make ${best.namespace}/${best.name} smaller by ${missing}, or move one of those named`]
      : []),
    `or ask for at most ${amount(resource, Math.max(0, capacity - used))} ${resource} for the whole pod`,
  ]
}

function boundSteps({ pod, node }: WaitPicture): readonly string[] {
  if (node.kind === 'unseen') return ['ask for a size that the node can hold']
  const allocatable = amountsIn(node.seen.node.allocatable)
  const wanted = amountsOf(pod.spec)
  const over = ['cpu', 'memory'].filter((one) => (wanted[one] ?? 0) > (allocatable[one] ?? 0))
  return over.map(
    (one) => `ask for at most ${amount(one, allocatable[one] ?? 0)} ${one}: the node has no more`,
  )
}

/** What failed is granted already, but the container goes on with what it had. */
function reportedSize(container: PodContainer): Size {
  const { resources } = container.status ?? {}
  return resources === undefined ? grantedSize(container) : sizeOf(resources)
}

/** The command that asks for what is there: a request that waits may come true much later. */
function cancelStep(pod: Pod, thereIs = grantedSize): readonly string[] {
  const parts = [
    ...containersOf(pod).map((container) => ({
      flag: `-c ${container.spec.name}`,
      held: thereIs(container),
      asked: container.spec.resources,
    })),
    { flag: '--pod-level', held: grantedPodLevel(pod), asked: pod.spec.resources },
  ]
  const { name, namespace = 'default' } = pod.metadata
  return parts
    .filter(({ held, asked }) => !sameSize(held, sizeOf(asked)))
    .map(
      ({ flag, held }) =>
        `or give it up: podfit resize ${name} -n ${namespace} ${flag}${flagsFor(held)}`,
    )
}

function flagsFor({ cpuRequest, cpuLimit, memoryRequest, memoryLimit }: Size): string {
  const flag = (name: string, sides: readonly (string | undefined)[]): string =>
    sides.every((side) => side === undefined)
      ? ''
      : ` --${name} ${sides.map((side) => side ?? '').join(':')}`
  const cpu = [cpuRequest, cpuLimit].map((one) => one && milliCpuQuantity(one))
  const memory = [memoryRequest, memoryLimit].map((one) => one && bytesQuantity(one))
  return `${flag('cpu', cpu)}${flag('memory', memory)}`
}
