import { isSidecar, type Container, type ContainerStatus, type Pod } from '../domain/pod.ts'

/** Where in the spec a container stands. */
export type ContainerList = 'containers' | 'initContainers'

export interface PodContainer {
  readonly list: ContainerList
  readonly spec: Container
  readonly status: ContainerStatus | undefined
}

/** Whether the container is there to stay: a regular one or a sidecar. */
export function staysRunning(container: PodContainer): boolean {
  return container.list === 'containers' || isSidecar(container.spec)
}

/** All containers of a pod with their status, init containers first, in spec order. */
export function containersOf(pod: Pod): readonly PodContainer[] {
  const joined = (
    list: ContainerList,
    specs: readonly Container[] = [],
    statuses: readonly ContainerStatus[] = [],
  ): PodContainer[] =>
    specs.map((spec) => ({
      list,
      spec,
      status: statuses.find((status) => status.name === spec.name),
    }))
  return [
    ...joined('initContainers', pod.spec.initContainers, pod.status?.initContainerStatuses),
    ...joined('containers', pod.spec.containers, pod.status?.containerStatuses),
  ]
}

export function containerNamed(pod: Pod, name: string): PodContainer | undefined {
  return containersOf(pod).find((container) => container.spec.name === name)
}

export function isRunning(status: ContainerStatus | undefined): boolean {
  return status?.state?.running !== undefined
}

/** For people: `running`, `waiting (CrashLoopBackOff)`, `terminated (exit code 1)`. */
export function describeState(status: ContainerStatus | undefined): string {
  const state = status?.state
  if (state?.running !== undefined) return 'running'
  if (state?.terminated !== undefined) {
    return `terminated (${state.terminated.reason ?? `exit code ${state.terminated.exitCode}`})`
  }
  const reason = state?.waiting?.reason
  return reason === undefined ? 'waiting' : `waiting (${reason})`
}
