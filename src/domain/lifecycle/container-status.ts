import type { Container, ContainerState, ContainerStatus, ResourceRequirements } from '../pod.ts'
import { timestamp } from '../timestamp.ts'
import type { BackingOff } from './decide.ts'
import {
  latestContainer,
  type ObservedContainer,
  type ObservedPod,
  previousContainer,
} from './observed.ts'

/** Why a container that is to run does not, when its own last try failed before it started. */
export interface StartFailure {
  /** Kubernetes' word: `ErrImageNeverPull`, `CreateContainerError`, `RunContainerError` … */
  readonly reason: string
  readonly message: string
}

export interface ContainerFacts {
  readonly observed: ObservedPod
  /** The pod as messages name it: `NAME_NAMESPACE(UID)`. */
  readonly pod: string
  /** As the runtime names itself, and container ids begin: `containerd`. */
  readonly runtimeName: string
  readonly backingOff?: BackingOff
  readonly startFailure?: StartFailure
  /** Allocated requests and actual resources; absent for a container that was never created. */
  readonly allocatedResources?: ResourceRequirements['requests']
  readonly resources?: ResourceRequirements
  /** `PodInitializing` for regular containers that wait for init containers. */
  readonly waitingReason: string
  /** What its probes say of it while it runs. @default started and ready */
  readonly health?: { readonly started: boolean; readonly ready: boolean }
  /** An init container that is no sidecar: ready when it has done its part. */
  readonly runsOnce?: boolean
}

/** One entry of `status.containerStatuses`, as a kubelet would report it. */
export function containerStatus(container: Container, facts: ContainerFacts): ContainerStatus {
  const latest = latestContainer(facts.observed, container.name)
  const state = currentState(latest, facts)
  const last = lastState(facts, container.name, latest, state)
  const running = state.running !== undefined
  return {
    name: container.name,
    state,
    lastState: last ?? {},
    ready: isReady(state, facts),
    started: running && facts.health?.started !== false,
    restartCount: latest?.attempt ?? 0,
    image: latest?.image ?? container.image ?? '',
    imageID: latest?.imageId ?? '',
    ...(latest === undefined ? {} : { containerID: containerId(latest, facts) }),
    ...(latest === undefined || facts.allocatedResources === undefined
      ? {}
      : { allocatedResources: facts.allocatedResources }),
    ...(latest === undefined ? {} : { resources: facts.resources ?? {} }),
  }
}

function isReady(state: ContainerState, { health, runsOnce }: ContainerFacts): boolean {
  if (runsOnce === true) return state.terminated?.exitCode === 0
  return state.running !== undefined && health?.ready !== false
}

function currentState(
  latest: ObservedContainer | undefined,
  facts: ContainerFacts,
): ContainerState {
  if (latest?.state === 'running')
    return { running: { startedAt: timestamp(latest.startedAt ?? 0) } }
  if (facts.startFailure !== undefined) return { waiting: facts.startFailure }
  if (facts.backingOff !== undefined) {
    const { container, delayMs } = facts.backingOff
    const message = `back-off ${formatSeconds(delayMs)} restarting failed container=${container} pod=${facts.pod}`
    return { waiting: { reason: 'CrashLoopBackOff', message } }
  }
  if (latest?.state === 'exited') return { terminated: terminatedState(latest, facts) }
  return { waiting: { reason: facts.waitingReason } }
}

/** How the run before this one ended. */
function lastState(
  facts: ContainerFacts,
  name: string,
  latest: ObservedContainer | undefined,
  state: ContainerState,
): ContainerState | undefined {
  const ended =
    latest?.state === 'exited' && state.terminated === undefined
      ? latest
      : previousContainer(facts.observed, name)
  return ended?.state === 'exited' ? { terminated: terminatedState(ended, facts) } : undefined
}

function terminatedState(
  container: ObservedContainer,
  facts: ContainerFacts,
): NonNullable<ContainerState['terminated']> {
  const exitCode = container.exitCode ?? 0
  return {
    exitCode,
    reason: container.reason ?? (exitCode === 0 ? 'Completed' : 'Error'),
    ...(container.message ? { message: container.message } : {}),
    startedAt: timestamp(container.startedAt ?? 0),
    finishedAt: timestamp(container.finishedAt ?? 0),
    containerID: containerId(container, facts),
  }
}

function containerId({ id }: ObservedContainer, { runtimeName }: ContainerFacts): string {
  return `${runtimeName}://${id}`
}

/** As Go prints a duration: `10s`, `1m20s`, `5m0s`. */
function formatSeconds(ms: number): string {
  const seconds = Math.round(ms / 1000)
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`
}
