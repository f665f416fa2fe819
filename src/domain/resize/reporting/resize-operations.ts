import { allContainers, type Container, type PodSpec, type ResourceList } from '../../pod.ts'
import { compareQuantity, parseQuantity, type Quantity } from '../../quantity/quantity.ts'

export const resizeResources = ['cpu', 'memory'] as const
export const resizeRequirements = ['requests', 'limits'] as const
export const resizeKinds = ['add', 'remove', 'increase', 'decrease'] as const

/** One value of one container that a resize request changes. */
export interface ResizeOperation {
  readonly resource: (typeof resizeResources)[number]
  readonly requirement: (typeof resizeRequirements)[number]
  readonly operation: (typeof resizeKinds)[number]
}

/**
 * What a new spec asks to change of the containers' sizes, one entry for each value.
 *
 * @see kubelet's metric kubelet_container_requested_resizes_total (Kubernetes 1.34+).
 */
export function resizeOperations(before: PodSpec, after: PodSpec): readonly ResizeOperation[] {
  const old = allContainers(before)
  return allContainers(after).flatMap((container) => {
    const known = old.find(({ name }) => name === container.name)
    return known === undefined ? [] : operationsOf(known, container)
  })
}

function operationsOf(before: Container, after: Container): readonly ResizeOperation[] {
  return resizeResources.flatMap((resource) =>
    resizeRequirements.flatMap((requirement) => {
      const operation = operationOf(
        valueOf(before.resources?.[requirement], resource),
        valueOf(after.resources?.[requirement], resource),
      )
      return operation === undefined ? [] : [{ resource, requirement, operation }]
    }),
  )
}

function valueOf(list: ResourceList | undefined, resource: string): Quantity | undefined {
  const text = list?.[resource]
  const quantity = text === undefined ? undefined : parseQuantity(text)
  return quantity !== undefined && quantity.nano > 0n ? quantity : undefined
}

function operationOf(
  before: Quantity | undefined,
  after: Quantity | undefined,
): ResizeOperation['operation'] | undefined {
  if (before === undefined) return after === undefined ? undefined : 'add'
  if (after === undefined) return 'remove'
  const direction = compareQuantity(after, before)
  if (direction === 0) return undefined
  return direction > 0 ? 'increase' : 'decrease'
}
