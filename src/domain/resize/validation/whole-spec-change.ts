import type { Container, PodSpec, ResourceList } from '../../pod.ts'
import { withoutCpuAndMemory } from './changed-lists.ts'
import { forbidden, type FieldError } from '../../field-error.ts'
import { specDiff } from './spec-diff.ts'

/**
 * Before 1.33 the specs were compared whole, once the regular containers' CPU, memory and
 * resize policies were put back; the answer shows what is left.
 *
 * @see Kubernetes 1.32 validation.go, ValidatePodResize.
 */
export function refuseWholeSpecChange(old: PodSpec, merged: PodSpec): readonly FieldError[] {
  const containers = merged.containers.map((container, index) => {
    const before = old.containers[index]
    return before === undefined ? container : withSizesOf(before, container)
  })
  const diff = specDiff(old, { ...merged, containers })
  if (diff === '') return []
  return [forbidden('spec', `only cpu and memory resources are mutable\n${diff}`)]
}

function withSizesOf(before: Container, after: Container): Container {
  const { resources: _resources, resizePolicy: _resizePolicy, ...rest } = after
  const [limits, requests] = (['limits', 'requests'] as const).map((side) =>
    withSizesIn(before.resources?.[side], after.resources?.[side]),
  )
  const resources = { ...(limits && { limits }), ...(requests && { requests }) }
  return {
    ...rest,
    ...(before.resizePolicy && { resizePolicy: before.resizePolicy }),
    // Claims are lost on this side in Kubernetes, too.
    ...(before.resources && { resources }),
  }
}

/** What did not exist before is not looked at (k8s#135084). */
function withSizesIn(
  before: ResourceList | undefined,
  after: ResourceList | undefined,
): ResourceList | undefined {
  if (before === undefined) return undefined
  const sizes = Object.entries(before).filter(([name]) => name === 'cpu' || name === 'memory')
  return { ...Object.fromEntries(sizes), ...withoutCpuAndMemory(after) }
}
