import type { Pod } from '../../domain/pod.ts'
import { effectiveSize } from '../../domain/resources/pod-resources.ts'
import { qosClassOf } from '../../domain/resources/qos.ts'
import { enforcesCpuLimits, type KubeletSight } from '../cluster/kubelet-policies.ts'
import { containerNamed } from '../containers.ts'
import type { CgroupLook, CgroupRead, CgroupSight } from './cgroup-look.ts'

const noQuotas = 'the kubelet has cpuCFSQuota: false'
const exclusive = 'the CPUs that it may run on limit it'

/** Why the CPU limit of a container may be without a quota; undefined if it may not. */
export function containerQuotaFree(
  pod: Pod,
  name: string,
  read: CgroupRead,
  kubelet: KubeletSight | undefined,
): string | undefined {
  return quotaFree(kubelet) ?? (ownsCpus(pod, name, read) ? exclusive : undefined)
}

/** The same of the pod as a whole: one of its containers may have CPUs of its own. */
export function podQuotaFree(
  pod: Pod,
  { containers }: Extract<CgroupLook, { kind: 'seen' }>,
  kubelet: KubeletSight | undefined,
): string | undefined {
  const owners = Object.entries(containers).some(([name, one]) => ownsCpus(pod, name, one))
  return quotaFree(kubelet) ?? (owners ? exclusive : undefined)
}

function quotaFree(kubelet: KubeletSight | undefined): string | undefined {
  return enforcesCpuLimits(kubelet) ? undefined : noQuotas
}

/**
 * Whether the container has CPUs of its own (static CPU manager): as many as it may use, so
 * that no quota is needed.
 *
 * @see kubelet's DisableCPUQuotaWithExclusiveCPUs.
 */
function ownsCpus(pod: Pod, name: string, sight: CgroupSight | undefined): boolean {
  const spec = containerNamed(pod, name)?.spec
  if (spec === undefined || sight?.kind !== 'read' || qosClassOf(pod.spec) !== 'Guaranteed') {
    return false
  }
  const { cpuLimit } = effectiveSize(pod.spec, spec)
  return cpuLimit !== undefined && sight.cpus !== undefined && cpuLimit === sight.cpus * 1000
}
