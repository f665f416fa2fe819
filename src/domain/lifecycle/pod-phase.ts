import { isSidecar, type Container, type ContainerStatus, type PodSpec } from '../pod.ts'
import type { PodFacts } from './pod-facts.ts'
import { restartsAfterExit } from './restart-policy.ts'

/** The phase that follows from the containers (kubelet getPhase). */
export function podPhase({
  spec,
  containerStatuses: statuses,
  initContainerStatuses: initStatuses,
  restarting = new Set(),
}: Pick<PodFacts, 'spec' | 'containerStatuses' | 'initContainerStatuses' | 'restarting'>): string {
  const initsLeft = (spec.initContainers ?? []).filter(({ name }) => !restarting.has(name))
  if (initFailed({ ...spec, initContainers: initsLeft }, initStatuses)) return 'Failed'
  if (!isInitialized(spec, initStatuses) && statuses.every((one) => !hasRun(one))) return 'Pending'
  if (statuses.length < spec.containers.length || statuses.some((one) => !hasRun(one))) {
    return 'Pending'
  }
  const ended = spec.containers.every((container) => {
    const status = statuses.find(({ name }) => name === container.name)
    const exitCode = status?.state?.terminated?.exitCode
    if (exitCode === undefined || restarting.has(container.name)) return false
    return !restartsAfterExit(spec, container, exitCode)
  })
  if (!ended) return 'Running'
  return statuses.every((one) => one.state?.terminated?.exitCode === 0) ? 'Succeeded' : 'Failed'
}

function initFailed(spec: PodSpec, initStatuses: readonly ContainerStatus[]): boolean {
  return (spec.initContainers ?? []).some((container) => {
    const status = initStatuses.find(({ name }) => name === container.name)
    const exitCode = status?.state?.terminated?.exitCode ?? 0
    return exitCode !== 0 && !restartsInit(spec, container, exitCode)
  })
}

/** An init container has to succeed: Always means until it does. */
function restartsInit(spec: PodSpec, container: Container, exitCode: number): boolean {
  return isSidecar(container) || restartsAfterExit(spec, container, exitCode)
}

/** Whether the container runs now or ended before: a fresh or never started one has not. */
function hasRun(status: ContainerStatus): boolean {
  return (
    status.state?.running !== undefined ||
    status.state?.terminated !== undefined ||
    status.lastState?.terminated !== undefined
  )
}

/** Whether every init container has done its part: sidecars started, the others exited with 0. */
export function isInitialized(spec: PodSpec, initStatuses: readonly ContainerStatus[]): boolean {
  return (spec.initContainers ?? []).every((container) => {
    const status = initStatuses.find(({ name }) => name === container.name)
    return isSidecar(container)
      ? status?.started === true
      : status?.state?.terminated?.exitCode === 0
  })
}
