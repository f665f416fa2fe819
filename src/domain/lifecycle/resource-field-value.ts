import type { ResourceFieldSelector } from '../pod/env-source.ts'
import type { Container, PodSpec, ResourceList } from '../pod.ts'
import { parseList } from '../quantity/quantity-list.ts'
import {
  compareQuantity,
  isZero,
  milliValue,
  parseQuantity,
  wholeValue,
} from '../quantity/quantity.ts'
import type { Quantity } from '../quantity/quantity.ts'

/**
 * What a `resourceFieldRef` stands for: a whole number of its divisor, rounded
 * up. A limit that neither the container nor its pod has is what the node can give at
 * most; a request that it does not have is 0. Undefined if there is no such resource.
 *
 * @param spec with the allocated resources, so that the value follows a resize.
 * @see Kubernetes pkg/api/v1/resource/helpers.go, ExtractContainerResourceValue.
 */
export function resourceFieldValue(
  spec: PodSpec,
  container: Container,
  { resource, divisor = '0' }: ResourceFieldSelector,
  allocatable: ResourceList,
): string | undefined {
  const match = /^(?<side>limits|requests)\.(?<name>.+)$/.exec(resource)
  const { side, name = '' } = match?.groups ?? {}
  if (!/^(cpu|memory|ephemeral-storage|hugepages-.+)$/.test(name)) return undefined
  const own = parseList(container.resources?.[side as 'limits' | 'requests'])[name]
  const limit = side === 'limits' ? mostFor(spec, name, allocatable) : undefined
  const value = own === undefined || (side === 'limits' && isZero(own)) ? limit : own
  return value === undefined ? '0' : String(inUnits(name, value, divisor))
}

/** What a container without a limit of its own can use at most. */
function mostFor(spec: PodSpec, name: string, allocatable: ResourceList): Quantity | undefined {
  const node = parseList(allocatable)[name]
  const pod = parseList(spec.resources?.limits)[name]
  if (pod === undefined || isZero(pod)) return node
  return node !== undefined && compareQuantity(node, pod) < 0 ? node : pod
}

function inUnits(name: string, value: Quantity, divisor: string): number {
  const parsed = parseQuantity(divisor)
  const unit = parsed === undefined || isZero(parsed) ? parseQuantity('1') : parsed
  const count = name === 'cpu' ? milliValue : wholeValue
  return unit === undefined ? 0 : Math.ceil(count(value) / count(unit))
}
