import type { Container, ContainerStatus, Pod } from '../../pod.ts'
import { sizeOf, type Size } from '../../resources/size.ts'

/** Which values of a status tell whether a resize is done. */
export interface StatusRules {
  /**
   * Whether the node reads CPU limits back. Where they are no quotas (cpuCFSQuota: false) it
   * goes on showing those that a container has started with.
   *
   * @default true
   */
  readonly cpuLimits?: boolean
}

/** Names of the running containers whose status shows another CPU or memory than the spec. */
export function unsettledContainers(
  pod: Pod,
  { cpuLimits = true }: StatusRules = {},
): readonly string[] {
  const keys = cpuLimits ? sizeKeys : sizeKeys.filter((key) => key !== 'cpuLimit')
  return runningContainers(
    pod,
    (status, container) => !isUnreported(status, container) && !shows(status, container, keys),
  )
}

/**
 * Names of the running containers that have a size in the spec and none in the status. A
 * kubelet without InPlacePodVerticalScaling (off by default until 1.33) reports no sizes,
 * and carries out no resize either.
 */
export function unreportedContainers(pod: Pod): readonly string[] {
  return runningContainers(pod, isUnreported)
}

function runningContainers(
  pod: Pod,
  fits: (status: ContainerStatus, container: Container) => boolean,
): readonly string[] {
  const statuses = [
    ...(pod.status?.containerStatuses ?? []),
    ...(pod.status?.initContainerStatuses ?? []),
  ]
  return [...pod.spec.containers, ...(pod.spec.initContainers ?? [])]
    .filter((container) => {
      const status = statuses.find(({ name }) => name === container.name)
      return status?.state?.running !== undefined && fits(status, container)
    })
    .map(({ name }) => name)
}

const sizeKeys = ['cpuRequest', 'cpuLimit', 'memoryRequest', 'memoryLimit'] as const

function isUnreported(
  { resources, allocatedResources }: ContainerStatus,
  container: Container,
): boolean {
  const wanted = sizeOf(container.resources)
  const hasSize = sizeKeys.some((key) => wanted[key] !== undefined)
  return hasSize && resources === undefined && allocatedResources === undefined
}

// Only what the spec names is compared: under a pod-level limit the status of a container
// shows a limit that the container's own spec does not have.
function shows(
  status: ContainerStatus,
  container: Container,
  keys: readonly (typeof sizeKeys)[number][],
): boolean {
  const wanted: Size = sizeOf(container.resources)
  const actual: Size = sizeOf(status.resources)
  return keys.every((key) => wanted[key] === undefined || (actual[key] ?? 0) === wanted[key])
}
