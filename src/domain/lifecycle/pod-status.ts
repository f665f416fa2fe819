import type { Container, ContainerStatus, PodCondition, PodSpec, PodStatus } from '../pod.ts'
import { isSidecar } from '../pod.ts'
import { inProgressType, pendingType } from '../resize/conditions.ts'
import { oomScoreType } from '../resize/reporting/oom-score-condition.ts'
import { timestamp } from '../timestamp.ts'
import type { Instant } from './observed.ts'
import { restartsAfterExit } from './restart-policy.ts'

export interface PodFacts {
  readonly spec: PodSpec
  /** What the API says now: fields this node does not own pass through. */
  readonly previous: PodStatus | undefined
  /** The conditions as the API has them, where others set readiness gates and their own. */
  readonly known?: readonly PodCondition[] | undefined
  readonly generation: number | undefined
  readonly containerStatuses: readonly ContainerStatus[]
  readonly initContainerStatuses: readonly ContainerStatus[]
  readonly sandboxReady: boolean
  readonly podIPs: readonly string[]
  readonly hostIP: string
  /** When this node first took the pod. */
  readonly startTime: Instant
  /** PodResizePending and PodResizeInProgress, already decided (domain/resize/conditions.ts). */
  readonly resizeConditions: readonly PodCondition[]
  /** Names of containers that the node stopped to start them again: they have not ended. */
  readonly restarting?: ReadonlySet<string>
  /** Set when the node has given the pod up: rejected at admission, evicted. */
  readonly failed?: { readonly reason: string; readonly message: string }
  readonly now: Instant
}

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

/** The whole status of a pod on this node, as a kubelet would report it. */
export function podStatus(facts: PodFacts): PodStatus {
  const phase = facts.failed === undefined ? phaseOf(facts) : 'Failed'
  const ips = facts.podIPs
  return {
    ...facts.previous,
    phase,
    ...facts.failed,
    ...(facts.generation === undefined ? {} : { observedGeneration: facts.generation }),
    hostIP: facts.hostIP,
    hostIPs: [{ ip: facts.hostIP }],
    ...(ips[0] === undefined ? {} : { podIP: ips[0], podIPs: ips.map((ip) => ({ ip })) }),
    startTime: facts.previous?.startTime ?? timestamp(facts.startTime),
    conditions: podConditions(facts, phase),
    containerStatuses: facts.containerStatuses,
    ...(facts.initContainerStatuses.length > 0
      ? { initContainerStatuses: facts.initContainerStatuses }
      : {}),
  }
}

/** A pod that has ended stays so, whatever becomes of what is left of it. */
function phaseOf(facts: PodFacts): string {
  const before = facts.previous?.phase
  return before === 'Succeeded' || before === 'Failed' ? before : podPhase(facts)
}

function podConditions(facts: PodFacts, phase: string): readonly PodCondition[] {
  const over = phase === 'Succeeded' || phase === 'Failed'
  const unready = unreadyProblem(facts, phase)
  const own = [
    condition(facts, 'PodReadyToStartContainers', facts.sandboxReady ? undefined : {}),
    condition(facts, 'Initialized', uninitializedProblem(facts)),
    condition(facts, 'Ready', unready ?? closedGate(facts)),
    condition(facts, 'ContainersReady', unready),
  ]
  const mine = new Set([...own.map(({ type }) => type), pendingType, inProgressType, oomScoreType])
  // As the API has them now: whoever writes them need not be answered by an older copy.
  const others = facts.known ?? facts.previous?.conditions ?? []
  const foreign = others.filter(({ type }) => !mine.has(type))
  return [...own, ...foreign, ...(over ? [] : facts.resizeConditions)]
}

/** Why a condition is not True; undefined where it is. */
type Problem = { readonly reason?: string; readonly message?: string } | undefined

function unreadyProblem({ spec, ...statuses }: PodFacts, phase: string): Problem {
  if (phase === 'Succeeded') return { reason: 'PodCompleted' }
  if (phase === 'Failed') return { reason: 'PodFailed' }
  const sidecars = new Set((spec.initContainers ?? []).filter(isSidecar).map(({ name }) => name))
  const unready = [
    ...statuses.initContainerStatuses.filter(({ name }) => sidecars.has(name)),
    ...statuses.containerStatuses,
  ].filter(({ ready }) => !ready)
  if (unready.length === 0) return undefined
  const message = `containers with unready status: [${namesOf(unready)}]`
  return { reason: 'ContainersNotReady', message }
}

function uninitializedProblem({ spec, initContainerStatuses: statuses }: PodFacts): Problem {
  const incomplete = (spec.initContainers ?? []).filter(
    (one) => !isInitialized({ ...spec, initContainers: [one] }, statuses),
  )
  if (incomplete.length === 0) return undefined
  const message = `containers with incomplete status: [${namesOf(incomplete)}]`
  return { reason: 'ContainersNotInitialized', message }
}

function namesOf(all: readonly { readonly name: string }[]): string {
  return all.map(({ name }) => name).join(' ')
}

/** A condition that the pod waits for beside its containers, set by somebody else. */
function closedGate({ spec, known }: PodFacts): { reason: string; message: string } | undefined {
  const messages = (spec.readinessGates ?? []).flatMap(({ conditionType }) => {
    const found = known?.find(({ type }) => type === conditionType)
    if (found?.status === 'True') return []
    const gate = `pod readiness gate "${conditionType}"`
    return found === undefined
      ? [`corresponding condition of ${gate} does not exist.`]
      : [`the status of ${gate} is not "True", but ${found.status}`]
  })
  if (messages.length === 0) return undefined
  return { reason: 'ReadinessGatesNotReady', message: messages.join(', ') }
}

/** True without `problem`, else False for its reason; lastTransitionTime moves with the status only. */
function condition(facts: PodFacts, type: string, problem: Problem): PodCondition {
  const status = problem === undefined ? 'True' : 'False'
  const before = facts.previous?.conditions?.find((one) => one.type === type)
  const unchanged = before?.status === status
  return {
    type,
    status,
    ...problem,
    lastProbeTime: null,
    lastTransitionTime: (unchanged ? before.lastTransitionTime : undefined) ?? timestamp(facts.now),
    ...(facts.generation === undefined ? {} : { observedGeneration: facts.generation }),
  }
}
