import type { ResourceList, ResourceRequirements } from '../pod.ts'
import {
  bytesQuantity,
  milliCpuQuantity,
  milliValue,
  parseQuantity,
  wholeValue,
} from '../quantity/quantity.ts'
import { bytes, milliCpu, type Bytes, type MilliCpu } from '../units.ts'

/**
 * The CPU and memory of a container or a pod in the units the kernel is told about. A
 * key that is absent is not set, which is not the same as 0 where a default applies.
 */
export interface Size {
  readonly cpuRequest?: MilliCpu
  readonly cpuLimit?: MilliCpu
  readonly memoryRequest?: Bytes
  readonly memoryLimit?: Bytes
}

/**
 * The size that `resources` ask for, each value rounded up to a whole millicore or byte.
 *
 * It never fails: a malformed value counts as not set, and a negative one as 0. An API
 * server refuses both, so ask it (or `parseQuantity`) where that matters.
 */
export function sizeOf(resources: ResourceRequirements | undefined): Size {
  const requests = resources?.requests
  const limits = resources?.limits
  const size: { -readonly [Key in keyof Size]: Size[Key] } = {}
  const cpuRequest = amountIn(requests, 'cpu')
  const cpuLimit = amountIn(limits, 'cpu')
  const memoryRequest = amountIn(requests, 'memory')
  const memoryLimit = amountIn(limits, 'memory')
  if (cpuRequest !== undefined) size.cpuRequest = milliCpu(cpuRequest)
  if (cpuLimit !== undefined) size.cpuLimit = milliCpu(cpuLimit)
  if (memoryRequest !== undefined) size.memoryRequest = bytes(memoryRequest)
  if (memoryLimit !== undefined) size.memoryLimit = bytes(memoryLimit)
  return size
}

function amountIn(list: ResourceList | undefined, resource: 'cpu' | 'memory'): number | undefined {
  const text = list?.[resource]
  const quantity = text === undefined ? undefined : parseQuantity(text)
  if (quantity === undefined) return undefined
  return Math.max(0, resource === 'cpu' ? milliValue(quantity) : wholeValue(quantity))
}

/** Whether both mean the same to a node, for which absent is 0. */
export function sameSize(a: Size, b: Size): boolean {
  return (
    (a.cpuRequest ?? 0) === (b.cpuRequest ?? 0) &&
    (a.cpuLimit ?? 0) === (b.cpuLimit ?? 0) &&
    (a.memoryRequest ?? 0) === (b.memoryRequest ?? 0) &&
    (a.memoryLimit ?? 0) === (b.memoryLimit ?? 0)
  )
}

/** The size in Kubernetes' words; the inverse of `sizeOf`. A list without entries is left out. */
export function resourcesOf(size: Size): ResourceRequirements {
  const requests = listOf(size.cpuRequest, size.memoryRequest)
  const limits = listOf(size.cpuLimit, size.memoryLimit)
  return { ...(limits && { limits }), ...(requests && { requests }) }
}

function listOf(cpu: MilliCpu | undefined, memory: Bytes | undefined): ResourceList | undefined {
  if (cpu === undefined && memory === undefined) return undefined
  return {
    ...(cpu !== undefined && { cpu: milliCpuQuantity(cpu) }),
    ...(memory !== undefined && { memory: bytesQuantity(memory) }),
  }
}
