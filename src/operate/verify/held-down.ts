import { defaultPeriod } from '../../domain/cgroup/cpu.ts'
import { qosCgroupName } from '../../domain/cgroup/names.ts'
import type { Pod } from '../../domain/pod.ts'
import { bytesQuantity, milliCpuQuantity } from '../../domain/quantity/quantity.ts'
import { podSize } from '../../domain/resources/pod-resources.ts'
import { qosClassOf } from '../../domain/resources/qos.ts'
import type { CgroupRead } from '../cgroups/cgroup-look.ts'
import type { Finding } from '../findings/finding.ts'

/** A limit above that is smaller than what the pod is promised or limited to. */
export function heldDown(pod: Pod, { path, reading }: CgroupRead): readonly Finding[] {
  const isRoot = qosCgroupName(path) === 'Guaranteed'
  const size = podSize(pod.spec)
  // The cgroup of all pods has the node's size: limits may add up to more, requests may not.
  const cpu = isRoot ? size.cpuRequest : (size.cpuLimit ?? size.cpuRequest)
  const memory = isRoot ? size.memoryRequest : (size.memoryLimit ?? size.memoryRequest)
  const { cpuQuota = 'max', cpuPeriod = defaultPeriod, memoryLimit = 'max' } = reading
  const has = qosClassOf(pod.spec) === 'Guaranteed' || !isRoot ? 'may use' : 'is promised'
  const held = (resource: string, limit: string, amount: string): Finding => ({
    code: 'CG401',
    message: `${path} has a limit of ${limit} ${resource}, the pod ${has} ${amount}`,
  })
  const milli = cpuQuota === 'max' ? Infinity : (cpuQuota * 1000) / cpuPeriod
  return [
    ...(cpu !== undefined && milli < cpu ? [held('CPU', `${milli}m`, milliCpuQuantity(cpu))] : []),
    ...(memory !== undefined && memoryLimit !== 'max' && memoryLimit < memory
      ? [held('memory', bytesQuantity(memoryLimit), bytesQuantity(memory))]
      : []),
  ]
}
