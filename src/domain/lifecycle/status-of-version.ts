import type { ContainerStatus, PodCondition, PodStatus } from '../pod.ts'
import { inProgressType, pendingType } from '../resize/conditions.ts'
import { atLeast, type KubeVersion } from '../resize/kube-version.ts'

/**
 * What a kubelet of `version` would report where today's reports `status`: up to 1.32
 * one word in `resize` instead of the two conditions (`''` where no resize is under way),
 * up to 1.33 nothing of generations, and in 1.32 nothing of what is allocated.
 */
export function statusOfVersion(status: PodStatus, version: KubeVersion): PodStatus {
  if (atLeast(version, '1.34')) return status
  const { observedGeneration: _observed, conditions = [], ...rest } = status
  const unnumbered = conditions.map(({ observedGeneration: _generation, ...one }) => one)
  if (atLeast(version, '1.33')) return { ...rest, conditions: unnumbered }
  const visible = version === '1.32' ? withoutAllocated(rest) : rest
  const { resources: _resources, allocatedResources: _allocated, ...old } = visible
  return {
    ...old,
    conditions: unnumbered.filter(({ type }) => type !== pendingType && type !== inProgressType),
    resize: resizeWord(conditions),
  }
}

/** Deferred, Infeasible, InProgress or ''. What is pending counts more than what is under way. */
function resizeWord(conditions: readonly PodCondition[]): string {
  const pending = conditions.find(({ type }) => type === pendingType)
  if (pending?.reason !== undefined) return pending.reason
  return conditions.some(({ type }) => type === inProgressType) ? 'InProgress' : ''
}

function withoutAllocated(status: PodStatus): PodStatus {
  const { containerStatuses, initContainerStatuses } = status
  const hidden = ({ allocatedResources: _allocated, ...one }: ContainerStatus) => one
  return {
    ...status,
    ...(containerStatuses && { containerStatuses: containerStatuses.map(hidden) }),
    ...(initContainerStatuses && { initContainerStatuses: initContainerStatuses.map(hidden) }),
  }
}
