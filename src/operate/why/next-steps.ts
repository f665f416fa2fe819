import type { Pod } from '../../domain/pod.ts'
import { bytesQuantity, milliCpuQuantity } from '../../domain/quantity/quantity.ts'
import type { RuntimeErrorMeaning } from '../../domain/resize/actuation/runtime-error.ts'
import type { Forecast } from '../../domain/resize/admission/forecast.ts'
import { amountsIn, amountsOf } from '../../domain/resize/admission/node-usage.ts'
import { restartsFor } from '../../domain/resize/resize-policy.ts'
import { sizeOf, type Size } from '../../domain/resources/size.ts'
import { bytes, milliCpu } from '../../domain/units.ts'
import { containerNamed, type PodContainer } from '../containers.ts'
import type { PodReport } from '../verify/pod-report.ts'
import { giveUpCommands, reportedSize } from './give-up.ts'
import type { WaitPicture } from './wait-picture.ts'

/** What to do about it, the most useful first. */
export function nextSteps(
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
      return orGiveUp(roomSteps(now), picture.pod)
    case 'infeasible':
      return orGiveUp(boundSteps(picture), picture.pod)
    case 'failed':
      return orGiveUp(error === undefined ? [] : [error.cure], picture.pod, reportedSize)
    case 'inProgress':
      return [...shrinkSteps(picture, report), ...lateSteps]
    case 'notYetObserved':
      return lateSteps
    default:
      return resize satisfies never
  }
}

const lateSteps: readonly string[] = [
  'look again in a moment; after a minute, see the log of the kubelet on the node',
]

/**
 * Before 1.33 no condition tells that memory in use is in the way of a lower limit. A container
 * that restarts for that waits for its end, whatever it uses.
 */
function shrinkSteps({ pod }: WaitPicture, { containers }: PodReport): readonly string[] {
  const shrinking = containers.filter(({ name, values }) => {
    const spec = containerNamed(pod, name)?.spec
    const limit = sizeOf(spec?.resources).memoryLimit
    if (spec === undefined || limit === undefined || restartsFor(spec, 'memory')) return false
    const files = values.flatMap((one) => (one.value === 'memoryLimit' ? one.files : []))
    return files.some(({ found }) => found === 'max' || Number(found) > limit)
  })
  return shrinking.map(
    ({ name }) =>
      `the kernel still has the larger memory limit of ${name}: it comes down once less is in use; free some inside, ask for more than is in use, or restart it`,
  )
}

function orGiveUp(
  steps: readonly string[],
  pod: Pod,
  thereIs?: (container: PodContainer) => Size,
): readonly string[] {
  const or = steps.length === 0 ? '' : 'or '
  return [...steps, ...giveUpCommands(pod, thereIs).map((command) => `${or}give it up: ${command}`)]
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
