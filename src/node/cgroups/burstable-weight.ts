import type { PodSpec } from '../../domain/pod.ts'
import { podSize } from '../../domain/resources/pod-resources.ts'
import { qosClassOf } from '../../domain/resources/qos.ts'
import { milliCpu, type MilliCpu } from '../../domain/units.ts'
import { PromisedSum } from './promised-sum.ts'

/** The CPU that the Burstable pods of this node were promised together. */
export function burstableWeight(write: (total: MilliCpu) => void): PromisedSum<MilliCpu> {
  return new PromisedSum({ of: burstableCpu, sum: cpuTogether, write })
}

function burstableCpu(spec: PodSpec): MilliCpu {
  return milliCpu(qosClassOf(spec) === 'Burstable' ? (podSize(spec).cpuRequest ?? 0) : 0)
}

function cpuTogether(all: Iterable<MilliCpu>): MilliCpu {
  let total = 0
  for (const one of all) total += one
  return milliCpu(total)
}
