import type { ContainerStatus, PodCondition, PodStatus } from '../pod.ts'
import { inProgressType, pendingType } from '../resize/conditions.ts'
import { atLeast, type KubeVersion } from '../kube-version.ts'

/**
 * What a kubelet of `version` would report where today's reports `status`: up to 1.32
 * one word in `resize` instead of the two conditions (`''` where no resize is under way),
 * up to 1.33 nothing of generations, in 1.32 nothing of what is allocated, and sizes of
 * the pod as a whole only from 1.36 on.
 */
export function statusOfVersion(status: PodStatus, version: KubeVersion): PodStatus {
  if (atLeast(version, '1.36')) return status
  const { resources: _resources, allocatedResources: _allocated, ...perContainer } = status
  if (atLeast(version, '1.34')) return perContainer
  const { observedGeneration: _observed, conditions = [], ...rest } = perContainer
  const unnumbered = conditions.map(({ observedGeneration: _generation, ...one }) => one)
  if (atLeast(version, '1.33')) return { ...rest, conditions: unnumbered }
  return {
    ...(version === '1.32' ? withoutAllocated(rest) : rest),
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
