import type { Pod } from '../../pod.ts'
import { hasCriticalPriority } from '../../priority.ts'
import { type QosClass, qosClassOf } from '../../resources/qos.ts'
import type { Shortage } from './admission.ts'
import { amountsOf } from './node-usage.ts'

/** Whether the node makes room for the pod at the cost of others: static and mirror pods, and the highest priorities. */
export function isCritical({ metadata, spec }: Pod): boolean {
  const { annotations } = metadata
  const source = annotations?.['kubernetes.io/config.source'] ?? 'api'
  const isMirror = annotations?.['kubernetes.io/config.mirror'] !== undefined
  return isMirror || source !== 'api' || hasCriticalPriority(spec)
}

/** Whether `pod` may have to go for `preemptor`. */
export function isPreemptable(preemptor: Pod, pod: Pod): boolean {
  if (isCritical(preemptor) && !isCritical(pod)) return true
  const [own, other] = [preemptor.spec.priority, pod.spec.priority]
  return own !== undefined && other !== undefined && own > other
}

/**
 * The pods that have to go so that `preemptor` has what it lacks: as few as possible of
 * the better QoS classes, in each the nearest to what is lacking, the smaller of equals.
 * `undefined` if not even all together would do.
 *
 * @param others that run here, with their allocated sizes.
 * @param isLeaving who goes already, and leaves room soon: nobody has to go in its place.
 * @see kubelet's pkg/kubelet/preemption, getPodsToPreempt.
 */
export function podsToPreempt(
  preemptor: Pod,
  others: readonly Pod[],
  shortages: readonly Shortage[],
  isLeaving: (pod: Pod) => boolean = () => false,
): readonly Pod[] | undefined {
  const lacking = less(lackingOf(shortages), others.filter(isLeaving))
  const candidates = others.filter((pod) => !isLeaving(pod) && isPreemptable(preemptor, pod))
  const of = (qos: QosClass) =>
    candidates.filter((pod) => (pod.status?.qosClass ?? qosClassOf(pod.spec)) === qos)
  const [bestEffort, burstable, guaranteed] = [of('BestEffort'), of('Burstable'), of('Guaranteed')]
  if (less(lacking, candidates).size > 0) return undefined
  const best = nearest(guaranteed, less(lacking, [...bestEffort, ...burstable]))
  const middle = nearest(burstable, less(lacking, [...bestEffort, ...best]))
  const least = nearest(bestEffort, less(lacking, [...middle, ...best]))
  return [...least, ...middle, ...best]
}

/** What is still lacking of each resource; none of those that are there. */
type Lacking = ReadonlyMap<string, number>

function lackingOf(shortages: readonly Shortage[]): Lacking {
  return new Map(
    shortages.map(({ resource, requested, used, capacity }) => [
      resource,
      requested - (capacity - used),
    ]),
  )
}

function less(lacking: Lacking, gone: readonly Pod[]): Lacking {
  const left = [...lacking].map(([resource, amount]) => {
    const freed = gone.reduce((sum, pod) => sum + requestOf(pod, resource), 0)
    return [resource, amount - freed] as const
  })
  return new Map(left.filter(([, amount]) => amount > 0))
}

function requestOf({ spec }: Pod, resource: string): number {
  return resource === 'pods' ? 1 : (amountsOf(spec)[resource] ?? 0)
}

function nearest(pods: readonly Pod[], lacking: Lacking): readonly Pod[] {
  const chosen: Pod[] = []
  let left = lacking
  while (left.size > 0) {
    const rest = pods.filter((pod) => !chosen.includes(pod))
    const [first, ...others] = rest
    if (first === undefined) break
    const next = others.reduce((best, pod) => (isNearer(pod, best, left) ? pod : best), first)
    chosen.push(next)
    left = less(left, [next])
  }
  return chosen
}

function isNearer(pod: Pod, than: Pod, lacking: Lacking): boolean {
  const difference = distance(pod, lacking) - distance(than, lacking)
  return difference < 0 || (difference === 0 && isSmaller(pod, than))
}

/** How much of what is lacking would still be, as the sum of squared shares. */
function distance(pod: Pod, lacking: Lacking): number {
  return [...lacking].reduce((sum, [resource, amount]) => {
    const left = Math.max(0, amount - requestOf(pod, resource)) / amount
    return sum + left * left
  }, 0)
}

function isSmaller(pod: Pod, than: Pod): boolean {
  for (const resource of ['memory', 'cpu']) {
    const difference = requestOf(pod, resource) - requestOf(than, resource)
    if (difference !== 0) return difference < 0
  }
  return true
}
