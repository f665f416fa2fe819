import type { ContainerStatus, Pod } from '../../../domain/pod.ts'
import { sizeOf, type Size } from '../../../domain/resources/size.ts'
import { containerNamed, isRunning } from '../../containers.ts'
import { containersChanging } from '../../pod-part.ts'
import type { ResizeTarget } from './resize-target.ts'

/** A container whose size the resize changes: what it is to be, what it is, and what it was. */
export interface ChangedContainer {
  readonly name: string
  readonly size: Size
  readonly status: ContainerStatus | undefined
  readonly statusBefore: ContainerStatus | undefined
}

/** The one container that is meant, or all that change with the pod. */
export function changedContainers(
  { part, before, wanted }: ResizeTarget,
  pod: Pod,
): readonly ChangedContainer[] {
  const names = part === undefined ? containersChanging(before, wanted) : [part]
  return names.map((name) => ({
    name,
    size: sizeOf(containerNamed(wanted, name)?.spec.resources),
    status: containerNamed(pod, name)?.status,
    statusBefore: containerNamed(before, name)?.status,
  }))
}

/** Whether the container that has to be replaced is still the old one, or not up yet. */
export function restartIsDue(
  target: ResizeTarget,
  { name, status, statusBefore }: ChangedContainer,
): boolean {
  if (!isRunning(statusBefore)) return false
  if (!isRunning(status)) return target.before.spec.restartPolicy !== 'Never'
  return target.restarting.includes(name) && status?.containerID === statusBefore?.containerID
}
