import type { ResourceList, ResourceRequirements } from '../../pod.ts'
import { sizeOf, type Size } from '../../resources/size.ts'
import { textOf, valueOf, type Side } from './size-side.ts'

/**
 * `resources` with the CPU and memory of `size`. Everything else in it stays, and so does
 * the text of a value that does not change. A key that `size` does not have stays too:
 * Kubernetes does not let a resize remove it.
 */
export function withSize(
  resources: ResourceRequirements | undefined,
  size: Size,
): ResourceRequirements {
  const current = sizeOf(resources)
  const requests = withSide(resources?.requests, current, size, 'request')
  const limits = withSide(resources?.limits, current, size, 'limit')
  return { ...resources, ...(requests ? { requests } : {}), ...(limits ? { limits } : {}) }
}

function withSide(
  list: ResourceList | undefined,
  current: Size,
  size: Size,
  side: Side,
): ResourceList | undefined {
  const changes = (['cpu', 'memory'] as const).flatMap((resource) => {
    const value = valueOf(size, resource, side)
    if (value === undefined || value === valueOf(current, resource, side)) return []
    return [[resource, textOf(value, resource)] as const]
  })
  return changes.length === 0 ? list : { ...list, ...Object.fromEntries(changes) }
}
