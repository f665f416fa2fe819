import type { Pod } from '../../domain/pod.ts'
import { qosClassOf } from '../../domain/resources/qos.ts'
import { resourcesOf, type Size } from '../../domain/resources/size.ts'
import { bytes, milliCpu } from '../../domain/units.ts'
import { withResources, type PodPart } from '../pod-part.ts'

/** The least that is told apart: of CPU 1m, of memory a page or less. */
const leastCpu = 1
const leastMemory = 1024

/**
 * The size next to `after` with which the pod keeps its QoS class; undefined if `after`
 * keeps it already. Empty where only no size at all keeps it: a BestEffort pod.
 */
export function nearestKeepingQos(
  pod: Pod,
  part: PodPart,
  { before, after }: { readonly before: Size; readonly after: Size },
): Size | undefined {
  const now = qosClassOf(pod.spec)
  const keeps = (size: Size): boolean =>
    qosClassOf(withResources(pod, part, resourcesOf(size)).spec) === now
  if (keeps(after)) return undefined
  switch (now) {
    case 'BestEffort':
      return {}
    case 'Guaranteed':
      return [limitsAsRequests(before, after), before].find(keeps)
    case 'Burstable':
      return [...apart(before, after), ...something(after), before].find(keeps)
    default:
      return now satisfies never
  }
}

function limitsAsRequests(before: Size, after: Size): Size {
  const cpu = after.cpuRequest ?? after.cpuLimit ?? before.cpuLimit
  const memory = after.memoryRequest ?? after.memoryLimit ?? before.memoryLimit
  return {
    ...(cpu === undefined ? {} : { cpuRequest: cpu, cpuLimit: cpu }),
    ...(memory === undefined ? {} : { memoryRequest: memory, memoryLimit: memory }),
  }
}

/** Not Guaranteed: a request a little below its limit, of what is changed first. */
function apart(before: Size, after: Size): readonly Size[] {
  const { cpuRequest = 0, memoryRequest = 0 } = after
  const cpu = { ...after, cpuRequest: milliCpu(Math.max(0, cpuRequest - leastCpu)) }
  const memory = { ...after, memoryRequest: bytes(Math.max(0, memoryRequest - leastMemory)) }
  return before.cpuRequest === after.cpuRequest && before.cpuLimit === after.cpuLimit
    ? [memory, cpu]
    : [cpu, memory]
}

/** Not BestEffort: a request of the least. */
function something(after: Size): readonly Size[] {
  return [
    { ...after, cpuRequest: milliCpu(leastCpu) },
    { ...after, memoryRequest: bytes(leastMemory) },
  ]
}
