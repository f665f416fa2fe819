import {
  isSidecar,
  type ContainerStateTerminated,
  type ContainerStatus,
  type Pod,
} from '../../domain/pod.ts'
import { isOver } from '../../domain/pod/is-over.ts'

/** What `kubectl get pods` says of a pod in a few words. */
export interface PodSummary {
  readonly ready: number
  /** Regular containers and sidecars. */
  readonly containers: number
  /** The phase, or what keeps it from running: `Init:0/1`, `CrashLoopBackOff`, `Terminating`. */
  readonly status: string
  readonly restarts: number
  /** When the container that restarted last had ended, as RFC 3339. */
  readonly lastRestart?: string
}

/** Counts over some containers. */
interface Tally {
  readonly ready: number
  readonly restarts: number
  readonly lastRestart?: string
}

/** The same words as kube-apiserver's printer for pods. */
export function podSummary(pod: Pod): PodSummary {
  const sidecars = (pod.spec.initContainers ?? []).filter(isSidecar).map(({ name }) => name)
  const containers = pod.spec.containers.length + sidecars.length
  const start = startingStatus(pod)
  const init = initSummary(pod, new Set(sidecars))
  if (init.waiting !== undefined && !isInitialized(pod)) {
    return { containers, ...init.tally, status: terminatingOr(pod, init.waiting) }
  }
  const main = mainSummary(pod, init.waiting ?? start)
  const lastRestart = later(init.sidecarTally.lastRestart, main.tally.lastRestart)
  return {
    containers,
    ready: init.sidecarTally.ready + main.tally.ready,
    restarts: init.sidecarTally.restarts + main.tally.restarts,
    ...(lastRestart !== undefined && { lastRestart }),
    status: terminatingOr(pod, main.status),
  }
}

function startingStatus(pod: Pod): string {
  const gated = pod.status?.conditions?.some(
    ({ type, reason }) => type === 'PodScheduled' && reason === 'SchedulingGated',
  )
  if (gated) return 'SchedulingGated'
  return pod.status?.reason || pod.status?.phase || ''
}

function isInitialized(pod: Pod): boolean {
  return hasTrueCondition(pod, 'Initialized')
}

function hasTrueCondition(pod: Pod, type: string): boolean {
  return Boolean(pod.status?.conditions?.some((one) => one.type === type && one.status === 'True'))
}

/** What ended it, in one word: its reason, else its signal or exit code. */
function endText({ reason, signal, exitCode }: ContainerStateTerminated): string {
  if (reason) return reason
  return signal ? `Signal:${signal}` : `ExitCode:${exitCode}`
}

interface InitSummary {
  /** `Init:…`, where an init container keeps the pod from starting its containers. */
  readonly waiting?: string
  /** Over all init containers up to the one that is waited for. */
  readonly tally: Tally
  readonly sidecarTally: Tally
}

function initSummary(pod: Pod, sidecars: ReadonlySet<string>): InitSummary {
  const statuses = pod.status?.initContainerStatuses ?? []
  const total = pod.spec.initContainers?.length ?? 0
  const isStarted = (status: ContainerStatus) => sidecars.has(status.name) && status.started
  const isOver = (status: ContainerStatus) =>
    status.state?.terminated?.exitCode === 0 || isStarted(status)
  const at = statuses.findIndex((status) => !isOver(status))
  const blocking = statuses[at]
  const seen = blocking ? statuses.slice(0, at + 1) : statuses
  const ready = seen.filter((status) => isStarted(status) && status.ready).length
  const sidecarTally = tallyRestarts(
    seen.filter(({ name }) => sidecars.has(name)),
    ready,
  )
  return {
    ...(blocking && { waiting: `Init:${initText(blocking, at, total)}` }),
    tally: tallyRestarts(seen, ready),
    sidecarTally,
  }
}

function initText({ state }: ContainerStatus, at: number, total: number): string {
  if (state?.terminated) return endText(state.terminated)
  const reason = state?.waiting?.reason
  return reason && reason !== 'PodInitializing' ? reason : `${at}/${total}`
}

function mainSummary(pod: Pod, start: string): { status: string; tally: Tally } {
  const statuses = pod.status?.containerStatuses ?? []
  const running = statuses.filter(({ ready, state }) => ready && state?.running)
  // The first container that does not run gives the word.
  const troubled = statuses.find(({ state }) => state?.waiting?.reason || state?.terminated)
  const status = troubled ? troubleText(troubled) : start
  return {
    status: status === 'Completed' && running.length > 0 ? runningText(pod) : status,
    tally: tallyRestarts(statuses, running.length),
  }
}

function troubleText({ state }: ContainerStatus): string {
  if (state?.waiting?.reason) return state.waiting.reason
  return state?.terminated ? endText(state.terminated) : ''
}

function runningText(pod: Pod): string {
  return hasTrueCondition(pod, 'Ready') ? 'Running' : 'NotReady'
}

function terminatingOr(pod: Pod, status: string): string {
  if (pod.metadata.deletionTimestamp === undefined) return status
  if (pod.status?.reason === 'NodeLost') return 'Unknown'
  return isOver(pod.status) ? status : 'Terminating'
}

function tallyRestarts(statuses: readonly ContainerStatus[], ready: number): Tally {
  const restarts = statuses.reduce((sum, { restartCount }) => sum + restartCount, 0)
  const lastRestart = statuses
    .map(({ lastState }) => lastState?.terminated?.finishedAt)
    .reduce(later, undefined)
  return { ready, restarts, ...(lastRestart !== undefined && { lastRestart }) }
}

function later(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return Date.parse(a) < Date.parse(b) ? b : a
}
