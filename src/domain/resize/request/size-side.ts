import { bytesQuantity, milliCpuQuantity } from '../../quantity/quantity.ts'
import type { Size } from '../../resources/size.ts'
import { bytes, milliCpu } from '../../units.ts'
import type { ResizableResource } from '../resize-policy.ts'

/** One of the two values that a size has of a resource. */
export type Side = 'request' | 'limit'

const keys = {
  cpu: { request: 'cpuRequest', limit: 'cpuLimit' },
  memory: { request: 'memoryRequest', limit: 'memoryLimit' },
} as const

/** The value as an exact integer, of millicores or bytes; undefined where it is not set. */
export function valueOf(size: Size, resource: ResizableResource, side: Side): bigint | undefined {
  const value = size[keys[resource][side]]
  return value === undefined ? undefined : BigInt(value)
}

/** The size with another value there; the same one without a value. */
export function withValue(
  size: Size,
  resource: ResizableResource,
  side: Side,
  value: bigint | undefined,
): Size {
  if (value === undefined) return size
  const unit = resource === 'cpu' ? milliCpu : bytes
  return { ...size, [keys[resource][side]]: unit(Number(value)) }
}

/** As Kubernetes prints it. */
export function textOf(value: bigint, resource: ResizableResource): string {
  return resource === 'cpu'
    ? milliCpuQuantity(milliCpu(Number(value)))
    : bytesQuantity(bytes(Number(value)))
}
