import type { PodSpec, ResourceList } from '../../pod.ts'
import { amountsIn, amountsOf } from './node-usage.ts'

/**
 * Why a resized pod is larger than its whole node, other pods left aside: the message with
 * which the API server answers 403 (`pods "NAME" is forbidden: ` comes before it, and
 * `details.causes` gets an entry with only the reason `NodeCapacity`). `undefined` if the
 * pod could fit.
 *
 * @see Kubernetes' PodResizeValidator admission plugin (1.36+).
 */
export function exceedsNode(spec: PodSpec, allocatable: ResourceList): string | undefined {
  const requested = amountsOf(spec)
  const there = amountsIn(allocatable)
  const parts = ['cpu', 'memory']
    .filter((resource) => (requested[resource] ?? 0) > (there[resource] ?? 0))
    .map(
      (resource) =>
        `${resource}, requested: ${requested[resource] ?? 0}, allocatable: ${there[resource] ?? 0}`,
    )
  if (parts.length === 0) return undefined
  return `node didn't have enough allocatable resources: ${parts.join('; ')}`
}
