import { type Pod } from '../../domain/pod.ts'
import { checkContainerCgroup, checkPodCgroup, type FileCheck } from './cgroup-checks.ts'
import { type CgroupLook } from './cgroup-look.ts'
import { containersOf, isRunning } from '../containers.ts'
import { toldBy, type KubeletSight } from '../cluster/kubelet-policies.ts'

/**
 * Whether no CPU limit of a pod has become a quota, neither in a container nor around them:
 * so a kubelet does it with cpuCFSQuota: false, and nobody else so thoroughly.
 *
 * @param containers the checks of all that run.
 * @param around those of the pod's own cgroup.
 */
export function noLimitIsQuota(
  containers: readonly FileCheck[],
  around: readonly FileCheck[],
): boolean {
  const outer = around.filter(isQuota)
  const limited = [...containers.filter(isQuota), ...outer].filter(
    ({ expected }) => !expected.every(isUnlimited),
  )
  return (
    outer.length > 0 &&
    limited.length > outer.length &&
    limited.every(({ found }) => isUnlimited(found))
  )
}

/** How the kubelet is configured: as it tells, else as far as the cgroups of one of its pods show it. */
export function kubeletBySight(
  kubelet: KubeletSight | undefined,
  pod: Pod,
  look: CgroupLook,
): KubeletSight | undefined {
  const unenforced = toldBy(kubelet) === undefined && hasNoQuotas(pod, look)
  return unenforced ? { cpuCFSQuota: false } : kubelet
}

function hasNoQuotas(pod: Pod, look: CgroupLook): boolean {
  if (look.kind === 'unseen' || look.pod.kind !== 'read') return false
  const containers = containersOf(pod).flatMap(({ spec, status }) => {
    const sight = look.containers[spec.name]
    return isRunning(status) && sight?.kind === 'read'
      ? checkContainerCgroup(pod, spec.name, sight, look)
      : []
  })
  return noLimitIsQuota(containers, checkPodCgroup(pod, look.pod, look))
}

function isQuota({ value }: FileCheck): boolean {
  return value === 'cpuLimit'
}

/** In the words of v1 and v2. */
function isUnlimited(text: string): boolean {
  return text === '-1' || text.startsWith('max')
}
